/**
 * Tests of the tuning desk: what takes two takes two, and only what was seen is let in.
 *
 * The flow, its fold and its list are the real ones; the clock is the test's.
 */
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../../core/canonical.ts";
import { OVERRIDE_MS_MAX } from "../../../core/engine/check-regime.ts";
import { decodeTurn } from "../../../core/engine/turn-decode.ts";
import type { RiskError } from "../../../core/errors.ts";
import { foldRegimeTurn, type RegimeState, snapshotRegime } from "../../../regime/index.ts";
import { uniforms } from "../../../regime/study/synthetic.test-kit.ts";
import { backtestsHere, HOUR_MS, openTuning } from "./desk.test-kit.ts";
import { PREVIEW_MS_MAX, PROPOSAL_MS_MAX, type Proposal, SHADOW_MS_MIN } from "./proposal.ts";

const wishes = { "scale.damping": 0.5, "publisher.upPerDay": 0.4 };
const refusal = (code: string, path: string) =>
  expect.objectContaining({ code, detail: expect.objectContaining({ path }) });

describe("a proposal of parameters", () => {
  it("is studied, shadowed, previewed, approved by another, and acts without a step", async () => {
    const { desk, flow, asking, pass } = await openTuning({ backtests: backtestsHere });
    const before = { ...desk.regime("BTC").published };
    const { id } = desk.propose(asking("quant-a"), wishes);
    pass(SHADOW_MS_MIN);
    const { hash, document } = await desk.preview(id);
    expect(document.backtest?.remark).toBe(null);
    expect(document.backtest?.rows?.map(({ name }) => name)).toContain("proposed");
    expect(document.shadow?.ranMs).toBe(SHADOW_MS_MIN);
    expect(document.whatIf.accounts).toBeGreaterThan(3);
    const { applied, version } = await desk.approve(id, { principal: "quant-b", hash });
    expect([applied.seq, version]).toEqual([flow.engine.state.commands, 1]);
    expect(desk.regime("BTC").terms.scale.damping).toBe(0.5);
    expect(desk.regime("BTC").published).toEqual(before);
    expect(desk.history("BTC")).toMatchObject([
      {
        seq: applied.seq,
        command: {
          what: "parameters",
          changes: [
            { path: "scale.damping", before: 0.35, after: 0.5 },
            { path: "publisher.upPerDay", before: 0.5, after: 0.4 },
          ],
          by: { principal: "quant-b", proposer: "quant-a", proposal: id, hash, reason: "a test" },
        },
      },
    ]);
    expect(desk.history("ETH")).toEqual([]);
  });

  it.each([
    ["by who proposed it", { principal: "quant-a" }, refusal("forbidden", "params.proposal")],
    ["with another hash", { hash: "0".repeat(64) }, refusal("conflict", "params.hash")],
  ])("is not approved %s", async (_, changes, refused) => {
    const { desk, flow, asking, pass } = await openTuning();
    const { id } = desk.propose(asking("quant-a"), wishes);
    pass(SHADOW_MS_MIN);
    const { hash } = await desk.preview(id);
    const commands = flow.engine.state.commands;
    await expect(desk.approve(id, { principal: "quant-b", hash, ...changes })).rejects.toEqual(
      refused,
    );
    expect([flow.engine.state.commands, desk.version("BTC")]).toEqual([commands, 0]);
  });

  it("is not approved before its shadow has run an hour, nor after a week", async () => {
    const { desk, asking, pass } = await openTuning();
    const { id } = desk.propose(asking("quant-a"), wishes);
    pass(SHADOW_MS_MIN - 1);
    const { hash } = await desk.preview(id);
    const approval = { principal: "quant-b", hash };
    await expect(desk.approve(id, approval)).rejects.toEqual(
      refusal("not_ready", "params.proposal"),
    );
    pass(PROPOSAL_MS_MAX - SHADOW_MS_MIN + 2);
    await expect(desk.approve(id, approval)).rejects.toEqual(
      refusal("conflict", "params.proposal"),
    );
    await expect(desk.preview(id)).rejects.toEqual(refusal("conflict", "params.proposal"));
    expect(desk.open("BTC")).toEqual([]);
    expect(desk.version("BTC")).toBe(0);
  });

  it("is not approved on a preview that is too old", async () => {
    const tuning = await openTuning();
    const { desk, asking, pass } = tuning;
    const { id } = desk.propose(asking("quant-a"), wishes);
    pass(SHADOW_MS_MIN);
    const { hash } = await desk.preview(id);
    tuning.wallMs += PREVIEW_MS_MAX + 1;
    const approval = { principal: "quant-b", hash };
    await expect(desk.approve(id, approval)).rejects.toEqual(refusal("conflict", "params.hash"));
    expect(
      (await desk.approve(id, { ...approval, hash: (await desk.preview(id)).hash })).version,
    ).toBe(1);
  });

  it("is approved once: again, at the same time or later, is refused", async () => {
    const { desk, asking, pass } = await openTuning();
    const { id } = desk.propose(asking("quant-a"), wishes);
    pass(SHADOW_MS_MIN);
    const { hash } = await desk.preview(id);
    const approval = { principal: "quant-b", hash };
    const both = await Promise.allSettled([desk.approve(id, approval), desk.approve(id, approval)]);
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    await expect(desk.approve(id, approval)).rejects.toEqual(
      refusal("unknown_value", "params.proposal"),
    );
    expect(desk.history("BTC")).toHaveLength(1);
  });

  it("edited after its preview is another one, and the old approval finds nothing", async () => {
    const { desk, asking, pass } = await openTuning();
    const { id } = desk.propose(asking("quant-a"), wishes);
    pass(SHADOW_MS_MIN);
    const { hash } = await desk.preview(id);
    const edited = desk.propose(asking("quant-a"), { "scale.damping": 1 });
    const approval = { principal: "quant-b", hash };
    await expect(desk.approve(id, approval)).rejects.toEqual(
      refusal("unknown_value", "params.proposal"),
    );
    pass(SHADOW_MS_MIN);
    await expect(desk.approve(edited.id, approval)).rejects.toEqual(
      refusal("conflict", "params.hash"),
    );
    expect(desk.regime("BTC").terms.scale.damping).toBe(0.35);
  });

  it("for another version is refused, and one that was overtaken is void", async () => {
    const { desk, asking, pass } = await openTuning();
    expect(() => desk.propose(asking("quant-a", { expectedVersion: 1 }), wishes)).toThrow(
      refusal("conflict", "params.expectedVersion"),
    );
    const { id } = desk.propose(asking("quant-a"), wishes);
    pass(SHADOW_MS_MIN);
    const { hash } = await desk.preview(id);
    await desk.freeze({ principal: "ops", underlying: "BTC", reason: "bad index" }, true);
    await expect(desk.approve(id, { principal: "quant-b", hash })).rejects.toEqual(
      refusal("conflict", "params.proposal"),
    );
  });

  it.each([
    ["beyond its bounds", { coverage: 0.5 }, "out_of_bounds"],
    ["of an unknown parameter", { "scale.width": 1 }, "unknown_key"],
    ["that changes nothing", { coverage: 0.995 }, "missing_field"],
    ["beyond the ladder", { "range.max": 0.85 }, "out_of_bounds"],
  ])("%s is refused", async (_, wished, code) => {
    const { desk, asking } = await openTuning();
    expect(() => desk.propose(asking("quant-a"), wished)).toThrow(
      expect.objectContaining({ code }),
    );
    expect(() => desk.propose(asking("quant-a", { underlying: "X" }), wishes)).toThrow(
      refusal("unknown_underlying", "params.underlying"),
    );
  });
});

describe("a proposal of coefficients", () => {
  const coefficients = { intercept: -1, day: 0.5, week: 0.3, month: 0.1, level: 4.5 };

  it("is shadowed and approved like any, and moves nothing that is published", async () => {
    const { desk, asking, pass, approved } = await openTuning();
    const proposal = desk.refit(asking("quant-a"), coefficients);
    await expect(approved(proposal)).rejects.toEqual(refusal("not_ready", "params.proposal"));
    pass(SHADOW_MS_MIN);
    const before = { ...desk.regime("BTC").published };
    expect(await approved(proposal)).toBe(1);
    expect(desk.regime("BTC").challenger.coefficients).toEqual(coefficients);
    expect(desk.regime("BTC").published).toEqual(before);
  });

  it("that are none is refused", async () => {
    const { desk, asking } = await openTuning();
    for (const wrong of [{}, { ...coefficients, year: 1 }, { ...coefficients, day: 1e6 }]) {
      expect(() => desk.refit(asking("quant-a"), wrong)).toThrow(/coefficients/);
    }
    expect(desk.open("BTC")).toEqual([]);
  });
});

describe("an override, a freeze and a release", () => {
  it("a freeze takes one, at once; its release takes two", async () => {
    const { desk, asking, approved } = await openTuning();
    await desk.freeze({ principal: "quant-b", underlying: "BTC", reason: "bad index" }, true);
    expect(desk.regime("BTC").steer.frozen).toBe(true);
    const release = desk.release(asking("quant-b"));
    const { hash } = await desk.preview(release.id);
    await expect(desk.approve(release.id, { principal: "quant-b", hash })).rejects.toEqual(
      refusal("forbidden", "params.proposal"),
    );
    expect(desk.regime("BTC").steer.frozen).toBe(true);
    await approved(desk.release(asking("quant-a")));
    expect(desk.regime("BTC").steer.frozen).toBe(false);
    expect(desk.history(undefined).map(({ command }) => command.what)).toEqual([
      "release",
      "freeze",
    ]);
  });

  it("an override takes two, is seen at its range, and ends by itself", async () => {
    const { desk, flow, asking, approved, pass } = await openTuning();
    const untilMs = flow.engine.state.at + 3 * HOUR_MS;
    const proposal = desk.override(asking("quant-a"), 0.4, untilMs);
    expect((await desk.preview(proposal.id)).document.whatIf.range).toBe(0.4);
    await approved(proposal);
    expect(desk.regime("BTC").steer.range).toBe(0.4);
    pass(6 * HOUR_MS);
    expect(desk.regime("BTC").steer.range).toBe(0);
  });

  it("an override outside the bounds, and a release of nothing, are refused", async () => {
    const tuning = await openTuning();
    const { desk, asking } = tuning;
    expect(() => desk.override(asking("quant-a"), 0.07, 0)).toThrow(
      refusal("out_of_bounds", "params.range"),
    );
    const { at } = tuning.flow.engine.state;
    for (const untilMs of [at, at + OVERRIDE_MS_MAX + 1]) {
      expect(() => desk.override(asking("quant-a"), 0.3, untilMs)).toThrow(
        refusal("out_of_bounds", "params.untilMs"),
      );
    }
    expect(() => desk.release(asking("quant-a"))).toThrow(refusal("conflict", "params.underlying"));
  });
});

describe("a rollback", () => {
  it("brings back an earlier version's parameters as a new version", async () => {
    const { desk, asking, approved, pass } = await openTuning();
    const tune = async (wished: Record<string, number>): Promise<void> => {
      const proposal = desk.propose(asking("quant-a"), wished);
      pass(SHADOW_MS_MIN);
      await approved(proposal);
    };
    await tune({ "scale.damping": 0.5 });
    await tune({ "scale.damping": 0.6, coverage: 0.99 });
    expect(await approved(desk.rollback(asking("quant-a"), 1))).toBe(3);
    const { scale, coverage } = desk.regime("BTC").terms;
    expect([scale.damping, coverage]).toEqual([0.5, 0.995]);
    expect(await approved(desk.rollback(asking("quant-a"), 2))).toBe(4);
    expect(desk.regime("BTC").terms.scale.damping).toBe(0.6);
    expect(desk.history("BTC")[0]!.command).toMatchObject({ restores: 2 });
    expect(() => desk.rollback(asking("quant-a"), 4)).toThrow(
      refusal("missing_field", "params.version"),
    );
    expect(() => desk.rollback(asking("quant-a"), 9)).toThrow(
      refusal("out_of_bounds", "params.version"),
    );
  });
});

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
    /** Hashes by proposal, with what they were of. */
    const seen = new Map<string, string>();
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
          return desk.preview(proposal.id).then((preview) => seen.set(preview.hash, proposal.id));
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

describe("a list with decisions in it", () => {
  it("folds to the same ranges and regimes, bit for bit", async () => {
    const { desk, flow, list, asking, approved, pass } = await openTuning();
    const proposal = desk.propose(asking("quant-a"), wishes);
    pass(SHADOW_MS_MIN);
    await approved(proposal);
    await desk.freeze({ principal: "ops", underlying: "BTC", reason: "bad index" }, false);
    pass(4 * HOUR_MS);
    await approved(desk.release(asking("quant-a")));
    await approved(desk.override(asking("quant-a"), 0.3, flow.engine.state.at + 9 * HOUR_MS));
    pass(6 * HOUR_MS);
    const regimes = new Map<string, RegimeState>();
    const { names } = flow.engine.state;
    for (const { bytes } of list.read(1)) foldRegimeTurn(regimes, decodeTurn(bytes), names);
    expect([...regimes.keys()].sort()).toEqual([...flow.regimes.keys()].sort());
    for (const [id, live] of flow.regimes) {
      const folded = canonicalJson(snapshotRegime(regimes.get(id)!));
      expect(folded === canonicalJson(snapshotRegime(live)), id).toBe(true);
    }
  });
});
