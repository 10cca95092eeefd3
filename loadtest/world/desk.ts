/**
 * A method of the simulation's own: any command of the list, as a writer would send it.
 *
 * What has no method on the wire (a deposit), or one that asks for more than a simulation can give
 * (a decision after a preview), takes here the same way as the others: dispatch, admission, disk,
 * Turn, answer.
 */

import { anything } from "../../core/shape.ts";
import type { Flow } from "../../gateway/flow.ts";
import { declare } from "../../gateway/protocol/methods.ts";
import { bind, type Method } from "../../gateway/stream/calls.ts";

export const SUBMIT = "world.submit";

export function submitMethod(flow: Flow): Method {
  const spec = declare({
    name: SUBMIT,
    summary: "Any command.",
    scope: "positions:write",
    cost: 1,
    params: { command: anything({ meaning: "a command" }) },
    result: {},
    once: false,
  });
  return bind(spec, ({ command }) => flow.apply(command));
}
