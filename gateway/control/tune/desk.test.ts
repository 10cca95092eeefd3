/**
 * Tests of the tuning desk: what takes two takes two, and only what was seen is let in.
 *
 * The flow, its fold and its list are the real ones; the clock is the test's.
 */
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../../core/canonical.ts";
import { OVERRIDE_MS_MAX } from "../../../core/engine/check-regime.ts";
import type { RegimeDecision } from "../../../core/engine/command.ts";
import { decodeTurn } from "../../../core/engine/turn-decode.ts";
import { RiskError } from "../../../core/errors.ts";
import { foldRegimeTurn, type RegimeState, snapshotRegime } from "../../../regime/index.ts";
import { systemClock } from "../../clock.ts";
import type { Applied } from "../../flow.ts";
import { openRecord } from "../../record.ts";
import { type BacktestInput, noBacktest } from "./backtest.ts";
import { backtestsHere, folderOver, HOUR_MS, openTuning } from "./desk.test-kit.ts";
import { openTuneDesk } from "./desk.ts";
import { PROPOSAL_MS_MAX, SHADOW_MS_MIN } from "./proposal.ts";
import { PREVIEW_MS_MAX } from "./seen.ts";

const wishes = { "scale.damping": 0.5, "publisher.upPerDay": 0.4 };
const refusal = (code: string, path: string) =>
  expect.objectContaining({ code, detail: expect.objectContaining({ path }) });

describe("a proposal of parameters", () => {
  it("is studied, shadowed, previewed, approved by another, and acts without a step", async () => {
    const { desk, flow, asking, pass } = await openTuning({ backtests: backtestsHere }, 120);
    const before = { ...desk.regime("BTC").published };
    const { id } = desk.propose(asking("quant-a"), wishes);
    pass(SHADOW_MS_MIN);
    const { hash, document } = await desk.preview(id, "quant-b");
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
    const { hash } = await desk.preview(id, "quant-b");
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
    const { hash } = await desk.preview(id, "quant-b");
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
    const { hash } = await desk.preview(id, "quant-b");
    tuning.wallMs += PREVIEW_MS_MAX + 1;
    const approval = { principal: "quant-b", hash };
    await expect(desk.approve(id, approval)).rejects.toEqual(refusal("conflict", "params.hash"));
    expect(
      (await desk.approve(id, { ...approval, hash: (await desk.preview(id, "quant-b")).hash }))
        .version,
    ).toBe(1);
  });

  it("is approved once: again, at the same time or later, is refused", async () => {
    const { desk, asking, pass } = await openTuning();
    const { id } = desk.propose(asking("quant-a"), wishes);
    pass(SHADOW_MS_MIN);
    const { hash } = await desk.preview(id, "quant-b");
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
    const { hash } = await desk.preview(id, "quant-b");
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
    const { hash } = await desk.preview(id, "quant-b");
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
    const { hash } = await desk.preview(release.id, "quant-b");
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

describe("a decision that the list does not take", () => {
  /** A desk whose list answers as the test says. */
  async function deskOver(apply: (command: RegimeDecision) => Promise<Applied>) {
    const { flow, pass, asking } = await openTuning();
    const over = {
      ...{ engine: flow.engine, regimes: flow.regimes },
      onTurn: (ring: Parameters<typeof flow.onTurn>[0]) => flow.onTurn(ring),
      apply: (command: unknown) => apply(command as RegimeDecision),
    };
    const record = openRecord();
    const backtests = async ({ bars }: BacktestInput) => noBacktest(bars, "none");
    const folder = folderOver(new Map());
    return {
      desk: openTuneDesk({ flow: over, record, clock: systemClock, backtests, folder }),
      pass,
      asking,
    };
  }
  const applied = { seq: 9, lineage: "l", version: null, durable: true, replayed: false };

  it("keeps its proposal open, to be approved again", async () => {
    let writable = false;
    const { desk, pass, asking } = await deskOver(async () => {
      if (writable) return applied;
      throw new RiskError("journal_full", {});
    });
    const { id } = desk.propose(asking("quant-a"), wishes);
    pass(SHADOW_MS_MIN);
    const { hash } = await desk.preview(id, "quant-b");
    const approval = { principal: "quant-b", hash };
    await expect(desk.approve(id, approval)).rejects.toEqual(
      expect.objectContaining({ code: "journal_full" }),
    );
    expect(desk.open("BTC").map((one) => one.id)).toEqual([id]);
    writable = true;
    expect(await desk.approve(id, approval)).toEqual({ applied, version: 1 });
  });

  it("lets a freeze go behind what is on its way to disk", async () => {
    const tried: number[] = [];
    const { desk } = await deskOver(async ({ version }) => {
      tried.push(version);
      if (version === 3) return applied;
      throw new RiskError("conflict", { path: "version" });
    });
    const freeze = { principal: "ops", underlying: "BTC", reason: "bad index" };
    expect(await desk.freeze(freeze, true)).toEqual({ applied, version: 3 });
    expect(tried).toEqual([1, 2, 3]);
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
