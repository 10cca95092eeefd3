/** The tuning desk under random steps: whatever is tried, in whatever order, two have agreed. */
import { describe, expect, it } from "vitest";
import type { RiskError } from "../../../core/errors.ts";
import { uniforms } from "../../../regime/study/synthetic.test-kit.ts";
import { HOUR_MS, openTuning } from "./desk.test-kit.ts";
import { type Proposal, SHADOW_MS_MIN } from "./proposal.ts";

describe("six hundred random steps of three people", () => {
  const people = ["a", "b", "c"];
  const codes = new Set([
    ...["conflict", "forbidden", "not_ready", "unknown_value", "missing_field", "out_of_bounds"],
  ]);

  it("let nothing in that nobody else saw, and nothing twice", async () => {
    const tuning = await openTuning();
    const { desk, asking, pass } = tuning;
    const uniform = uniforms(97);
    const pick = <T>(all: readonly T[]): T => all[Math.floor(uniform() * all.length)]!;
    const made: Proposal[] = [];
    /** Hashes, with the proposal that they were of; who was shown it, and after how long. */
    const seen = new Map<string, string>();
    const shownTo = new Map<string, number>();
    const refusals = new Map<string, number>();
    const act = async (): Promise<unknown> => {
      const principal = pick(people);
      const of = asking(principal, uniform() < 0.2 ? { expectedVersion: 0 } : {});
      const proposal = pick(made.slice(-3)) ?? { id: "none" };
      const own = [...seen].filter(([, id]) => id === proposal.id).map(([hash]) => hash);
      const hash = pick(uniform() < 0.8 ? own : [...seen.keys()].slice(-3)) ?? "0".repeat(64);
      const { at } = tuning.flow.engine.state;
      const step = pick(steps);
      if (proposing.has(step) && desk.open("BTC").length > 1) return undefined;
      switch (step) {
        case "propose":
          return made.push(desk.propose(of, { "scale.damping": 0.3 + 0.4 * uniform() }));
        case "override":
          return made.push(desk.override(of, 0.2 + 0.2 * uniform(), at + HOUR_MS));
        case "release":
          return made.push(desk.release(of));
        case "freeze":
          return uniform() < 0.3 && desk.freeze(of, true);
        case "preview":
          return desk.preview(proposal.id, principal).then(({ hash: of, document }) => {
            seen.set(of, proposal.id);
            shownTo.set(`${principal} ${of}`, document.shadow?.ranMs ?? 0);
          });
        case "pass":
          return pass(pick([1_000, HOUR_MS / 4, HOUR_MS]));
        case "approve":
          return desk.approve(proposal.id, { principal, hash });
      }
    };
    for (let step = 0; step < 600; step++) {
      try {
        await act();
      } catch (error) {
        const { code } = error as RiskError;
        expect(codes).toContain(code);
        refusals.set(code, (refusals.get(code) ?? 0) + 1);
      }
    }
    const decided = desk.history("BTC").map(({ command, at }) => ({ ...command, at }));
    const approved = decided.filter(({ what }) => what !== "freeze");
    expect(approved.length).toBeGreaterThan(5);
    expect(decided.map(({ version }) => version)).toEqual(
      decided.map((_, i) => decided[0]!.version - i),
    );
    expect(new Set(approved.map(({ by }) => by.proposal)).size).toBe(approved.length);
    let parameters = 0;
    for (const { by, what, at } of approved) {
      const proposal = made.find(({ id }) => id === by.proposal)!;
      expect(by.proposer).toBe(proposal.principal);
      expect(by.principal).not.toBe(proposal.principal);
      expect(seen.get(by.hash!)).toBe(proposal.id);
      const ranMs = shownTo.get(`${by.principal} ${by.hash}`);
      expect(ranMs).toBeGreaterThanOrEqual(proposal.shadowed ? SHADOW_MS_MIN : 0);
      expect(tuning.files.has(`${by.hash}.json`)).toBe(true);
      expect(what).toBe(proposal.wanted.what);
      if (what === "parameters") parameters += 1;
      if (what === "parameters") expect(at - proposal.madeMs).toBeGreaterThanOrEqual(SHADOW_MS_MIN);
    }
    expect(parameters).toBeGreaterThan(0);
    for (const code of ["conflict", "forbidden", "not_ready"]) {
      expect(refusals.get(code)).toBeGreaterThan(5);
    }
  });

  const proposing = new Set(["propose", "override", "release"]);
  const steps = [
    ...["propose", "override", "release", "freeze", "preview"],
    ...["preview", "preview", "pass", "pass", "approve", "approve", "approve"],
  ] as const;
});
