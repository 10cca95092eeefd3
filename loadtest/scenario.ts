/**
 * What is offered, and for how long: a named scenario or a file of its shape, and flags over it.
 */
import { existsSync } from "node:fs";
import { parseDocument } from "../config/document.ts";
import { check } from "../core/check.ts";
import { RiskError, shown } from "../core/errors.ts";
import { choice, number, object, optional, type TypeOf, text, withDefault } from "../core/shape.ts";
import { readInput } from "../gateway/cli/input.ts";
import burst from "./scenarios/burst.json" with { type: "json" };
import desk from "./scenarios/desk.json" with { type: "json" };
import smoke from "./scenarios/smoke.json" with { type: "json" };
import thousand from "./scenarios/thousand.json" with { type: "json" };

/** Connections; the generator is one process and each costs it and the gateway some 50 kB. */
export const SUBSCRIBERS_MAX = 5_000;
export const SECONDS_MAX = 120;
/** A millisecond between marks is as fine as a timer paces. */
export const MARKS_PER_SECOND_MAX = 1_000;

export const scenarioShape = object({
  about: optional(text({ max: 200, meaning: "what it stands for" })),
  subscribers: number({
    min: 1,
    max: SUBSCRIBERS_MAX,
    integer: true,
    meaning: "connections, each watching one of the demo accounts in turn, every frame",
  }),
  marksPerSecond: number({
    min: 0.1,
    max: MARKS_PER_SECOND_MAX,
    unit: "1/s",
    meaning: "batches of marks that the market sends, each moving every account",
  }),
  seconds: number({ min: 1, max: SECONDS_MAX, unit: "s", meaning: "time that is measured" }),
  codec: withDefault(choice(["json", "msgpack"]), "msgpack"),
  transport: withDefault(choice(["auto", "uws", "ws"]), "auto"),
  seed: withDefault(
    number({ min: 0, max: Number.MAX_SAFE_INTEGER, integer: true, meaning: "of the market" }),
    1,
  ),
});

export type Scenario = TypeOf<typeof scenarioShape>;

export const scenarios: Readonly<Record<string, unknown>> = { smoke, desk, thousand, burst };
export const DEFAULT_SCENARIO = "smoke";

/**
 * The scenario of that name or file, with these fields instead of its own.
 *
 * @throws RiskError `unreadable_file`, `malformed_json`, or what the shape refuses, by field
 */
export function readScenario(name: string, instead: Readonly<Record<string, unknown>>): Scenario {
  const document = Object.hasOwn(scenarios, name) ? scenarios[name] : scenarioFile(name);
  if (document === null || typeof document !== "object" || Array.isArray(document)) {
    throw new RiskError("wrong_type", {
      path: name,
      expected: "an object",
      found: shown(document),
    });
  }
  return check(scenarioShape, { ...document, ...instead });
}

function scenarioFile(name: string): unknown {
  if (name !== "-" && !existsSync(name)) {
    const expected = `${Object.keys(scenarios).join(", ")} or a file`;
    throw new RiskError("unreadable_file", { path: name, expected, found: "neither" });
  }
  return parseDocument(readInput(name), name);
}
