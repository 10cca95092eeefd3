/** Tests of decisions at the gate of the list: two people, one moment, and within bounds. */
import { describe, expect, it } from "vitest";
import { answer } from "./check.test-kit.ts";
import { OVERRIDE_MS_MAX } from "./check-regime.ts";
import type { Submission } from "./command.ts";
import { checkCommandShape } from "./command-shape.ts";
import { HASH, openDesk } from "./engine.test-kit.ts";
import { DECISIONS_MAX } from "./state.ts";
import { restoreState, stateDocument } from "./state-document.ts";

const by = { principal: "quant-b", proposer: "quant-a", hash: HASH, reason: "calmer" };
const decision = (changes: object): Submission =>
  ({ kind: "Regime", underlying: "BTC", version: 1, by, ...changes }) as Submission;
const freeze = decision({
  ...{ what: "freeze", allowEmergency: true },
  by: { principal: "quant-b", reason: "bad index" },
});
const changes = [{ path: "scale.damping", before: 0.35, after: 0.4 }];
const parameters = decision({ what: "parameters", changes });
const { hash: _hash, ...unseen } = by;
const { proposer: _proposer, ...alone } = by;
const AT = 1_000;
const override = (more: object = {}): Submission =>
  decision({ what: "override", range: 0.3, untilMs: AT + 1, ...more });

describe("a decision about a regime", () => {
  it.each<[string, Submission, string]>([
    ["one freezes alone", freeze, "folds"],
    ["two release", decision({ what: "release" }), "folds"],
    ["two change parameters", parameters, "folds"],
    ["two override", override(), "folds"],
    [
      "nobody releases alone",
      decision({ what: "release", by: alone }),
      "missing_field by.proposer",
    ],
    ["nothing passes unseen", decision({ what: "release", by: unseen }), "missing_field by.hash"],
    [
      "nobody approves his own",
      decision({ what: "parameters", changes, by: { ...by, principal: "quant-a" } }),
      "forbidden by.principal",
    ],
    ["an old version", decision({ what: "release", version: 2 }), "conflict version"],
    [
      "nothing listed",
      decision({ what: "release", underlying: "X" }),
      "unknown_underlying underlying",
    ],
    ["the pairs are warmed", decision({ what: "warm", underlying: "*", snapshot: {} }), "folds"],
    [
      "nothing else of the pairs",
      decision({ what: "release", underlying: "*" }),
      "unknown_underlying underlying",
    ],
    ["an end in the past", override({ untilMs: AT }), "out_of_bounds untilMs"],
    ["an end far off", override({ untilMs: AT + OVERRIDE_MS_MAX + 1 }), "out_of_bounds untilMs"],
    ["a range beyond the ladder", override({ range: 0.51 }), "out_of_bounds BTC.slideRange"],
  ])("%s: %s", (_what, command, told) => {
    expect(answer(openDesk(), command, AT)).toBe(told);
  });

  it.each([
    ["no change", decision({ what: "parameters", changes: [] }), "out_of_bounds"],
    [
      "a hash that is none",
      decision({ what: "release", by: { ...by, hash: "a" } }),
      "out_of_bounds",
    ],
    ["no reason", decision({ what: "release", by: { ...by, reason: "" } }), "out_of_bounds"],
    ["a member that is not its own", { ...freeze, range: 0.2 }, "unknown_key"],
    [
      "a change of a list",
      decision({ what: "parameters", changes: [{ ...changes[0], after: [] }] }),
      "wrong_type",
    ],
  ])("of the wrong shape is refused: %s", (_, command, code) => {
    expect(() => checkCommandShape(command, "")).toThrow(expect.objectContaining({ code }));
  });

  it("is good once: the same approval again is a conflict", () => {
    const desk = openDesk();
    desk.apply(parameters);
    expect(answer(desk, parameters, AT)).toBe("conflict version");
    expect(answer(desk, { ...parameters, version: 2 } as Submission, AT)).toBe("folds");
  });

  it("is kept with its number, in a ring, and comes back from the document", () => {
    const desk = openDesk();
    for (let version = 1; version <= DECISIONS_MAX + 3; version++)
      desk.apply({ ...freeze, version } as Submission);
    const { state } = desk.engine;
    expect(state.decisions).toHaveLength(DECISIONS_MAX);
    expect(state.decisions.at(-1)).toMatchObject({
      seq: state.commands,
      command: { what: "freeze", version: DECISIONS_MAX + 3 },
    });
    const document = JSON.parse(JSON.stringify(stateDocument(state)));
    const restored = restoreState(document, state.terms, state.termsHash);
    expect(restored.decisions).toEqual(state.decisions);
    expect(restored.decided).toEqual(state.decided);
  });

  it("to warm is refused once a range is published", () => {
    const desk = openDesk();
    const warm: Submission = { kind: "Regime", what: "warm", underlying: "BTC", snapshot: {} };
    expect(answer(desk, warm)).toBe("folds");
    desk.apply({
      ...{ kind: "GridChange", underlying: "BTC", volScale: 1, label: "calm", evidence: {} },
      slideRange: { initial: 0.2, maintenance: 0.2 },
    });
    expect(answer(desk, warm)).toBe("conflict what");
  });
});
