/**
 * A method of the simulation's own: any command of the list, as a writer would send it.
 *
 * What opens accounts and moves cash has no method on the wire; here it takes the same way as one
 * that has: dispatch, admission, disk, Turn, answer.
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
