/** Tests of the door of comovement: which bars meet, what is told, and what is kept. */
import { describe, expect, it } from "vitest";
import {
  BAR_MS,
  closesOf,
  creditsOf,
  DAY_MS,
  markOf,
  noRegimes,
  pairOf,
  shares,
  terms,
} from "./comovement.test-kit.ts";
import {
  comovementView,
  createComovement,
  foldPairs,
  PAIRS_MAX,
  pairsOfGroups,
  restoreComovement,
  snapshotComovement,
  withPairs,
} from "./comovement.ts";
import { exampleTerms as crypto } from "./study/example-terms.test-kit.ts";

// First, while the engine has seen one shape of everything.
describe("a mark", () => {
  it("allocates nothing while a bar is open", () => {
    const c = pairOf(DAY_MS);
    const turns = Array.from({ length: 100 }, (_, i) => ({
      at: DAY_MS + 1000 * i,
      marks: [markOf("A", 100 + i / 7), markOf("B", 50 - i / 9)],
      regimes: noRegimes,
    }));
    const fold = (count: number): void => {
      for (let i = 0; i < count; i++) {
        c.lastMs = 0;
        foldPairs(c, turns[i % 100]!);
      }
    };
    fold(300_000);
    const grown = Array.from({ length: 10 }, () => {
      const before = process.memoryUsage().heapUsed;
      fold(20_000);
      return (process.memoryUsage().heapUsed - before) / 20_000;
    });
    expect(Math.min(...grown.filter((bytes) => bytes >= 0))).toBeLessThan(4);
  });
});

describe("bars", () => {
  it("of markets with other calendars count where both are open", () => {
    const all = closesOf(12 * 200, () => 0.8, 4);
    // The second market trades three of twelve bars, on five days of seven.
    const open = (i: number): boolean => i % 12 < 3 && Math.floor(i / 12) % 7 < 5;
    const c = pairOf(BAR_MS, shares as unknown as typeof crypto);
    const only = pairOf(BAR_MS, shares as unknown as typeof crypto);
    for (const [i, [a, b]] of all.entries()) {
      const marks = [markOf("A", a), ...(open(i) ? [markOf("B", b)] : [])];
      foldPairs(c, { at: (i + 1) * BAR_MS, marks, regimes: noRegimes });
    }
    creditsOf(
      only,
      all.filter((_, i) => open(i)),
    );
    foldPairs(c, { at: (all.length + 1) * BAR_MS, marks: [], regimes: noRegimes });
    foldPairs(only, { at: (all.length + 1) * BAR_MS, marks: [], regimes: noRegimes });
    expect(comovementView(c)).toEqual(comovementView(only));
    expect(comovementView(c)[0]!.rho).toBeGreaterThan(0.6);
  });

  it("that one market lacks take no part, and a long silence takes credit back", () => {
    const closes = closesOf(12 * 200, () => 0.9, 6);
    const c = pairOf();
    creditsOf(c, closes);
    const before = comovementView(c)[0]!;
    const silent = creditsOf(
      c,
      closes.map(() => undefined),
      ["A", "B"],
      closes.length + 1,
    );
    const after = comovementView(c)[0]!;
    expect([after.rho, after.rhoBound]).toEqual([
      expect.closeTo(before.rho, 2),
      expect.closeTo(before.rhoBound, 2),
    ]);
    for (let i = 1; i < silent.length; i++)
      expect(silent[i]!).toBeLessThanOrEqual(silent[i - 1]! + 1e-12);
    expect(silent.at(-1)).toBe(0);
    expect(silent[11]).toBeGreaterThan(before.credit - 0.3);
  });

  it("fold the same whether time comes with marks, ticks or both", () => {
    const closes = closesOf(1200, () => 0.7, 7);
    const [plain, ticking] = [pairOf(), pairOf()];
    for (const [i, [a, b]] of closes.entries()) {
      const at = (i + 1) * BAR_MS;
      const marks = [markOf("A", a), markOf("B", b)];
      foldPairs(plain, { at, marks, regimes: noRegimes });
      foldPairs(ticking, { at, marks: [], regimes: noRegimes });
      foldPairs(ticking, { at: at + 1, marks: [markOf("A", 1), marks[1]!], regimes: noRegimes });
      foldPairs(ticking, { at: at + 2, marks: [marks[0]!], regimes: noRegimes });
      // Late: changes nothing.
      foldPairs(ticking, { at: at + 1, marks: [markOf("B", 900)], regimes: noRegimes });
    }
    expect(comovementView(ticking)).toEqual(comovementView(plain));
  });
});

describe("the door", () => {
  const closes = closesOf(12 * 120, () => 0.9, 11);
  const turnOf = (i: number) => ({
    at: (i + 1) * BAR_MS,
    marks: closes[i]!.map((price, k) => markOf("AB"[k]!, price)),
    regimes: noRegimes,
  });

  it("answers with the first marks, and then when a credit has moved", () => {
    const c = pairOf();
    let last: number | undefined;
    let told = 0;
    for (let i = 0; i < closes.length; i++) {
      const outcome = foldPairs(c, turnOf(i));
      const { credit } = c.pairs[0]!;
      expect(outcome !== undefined).toBe(credit !== last);
      if (outcome !== undefined) {
        told += 1;
        expect(outcome.credits).toEqual([{ members: ["A", "B"], credit }]);
        expect(outcome.evidence[0]).toMatchObject({ credit, rho: c.pairs[0]!.rho });
      }
      last = credit;
    }
    expect(told).toBeGreaterThan(3);
    expect(told).toBeLessThan(60);
  });

  it("goes on bit for bit from a snapshot", () => {
    const whole = pairOf();
    const cut = 700;
    for (let i = 0; i < cut; i++) foldPairs(whole, turnOf(i));
    const restored = restoreComovement(JSON.parse(JSON.stringify(snapshotComovement(whole))));
    for (let i = cut; i < closes.length; i++)
      expect(foldPairs(restored, turnOf(i))).toEqual(foldPairs(whole, turnOf(i)));
    expect(JSON.stringify(snapshotComovement(restored))).toBe(
      JSON.stringify(snapshotComovement(whole)),
    );
  });

  it.each([
    ["another document", (doc: object) => ({ ...doc, slidewire: "regime/1" })],
    ["a column of another length", (doc: object) => ({ ...doc, state: { closes: [1] } })],
  ])("refuses %s", (_, change) => {
    expect(() => restoreComovement(change(snapshotComovement(pairOf())) as never)).toThrow(
      /malformed_file/,
    );
  });

  it("keeps the pairs that stay when others come, and begins the new ones", () => {
    const c = pairOf();
    for (let i = 0; i < 800; i++) foldPairs(c, turnOf(i));
    const before = comovementView(c)[0];
    const members = ["B", "C", "A"].map((id) => ({ id, terms: crypto }));
    const pairs = pairsOfGroups([{ members: ["*"] }], ["C", "A", "B"]);
    const grown = withPairs(c, { members, pairs });
    expect(comovementView(grown)).toMatchObject([{ days: 0 }, { days: 0 }, before!]);
    const alone = pairOf();
    for (let i = 0; i < closes.length; i++) {
      foldPairs(alone, turnOf(i));
      if (i >= 800) foldPairs(grown, turnOf(i));
    }
    expect(comovementView(grown)[2]).toEqual(comovementView(alone)[0]);
  });

  it("refuses more pairs than it has room for, and members that it does not know", () => {
    const ids = Array.from({ length: 12 }, (_, i) => `U${i}`);
    const members = ids.map((id) => ({ id, terms: crypto }));
    const pairs = pairsOfGroups([{ members: ["*"] }], ids);
    const made = (chosen: typeof pairs) =>
      createComovement({ terms, barMs: BAR_MS, members, pairs: chosen });
    expect(pairs.length).toBe(66);
    expect(() => made(pairs)).toThrow(/limit_exceeded.*pairs/);
    expect(made(pairs.slice(0, PAIRS_MAX)).pairs.length).toBe(PAIRS_MAX);
    expect(() => made([["U1", "V"]])).toThrow(/unknown_underlying.*V/);
  });

  it("takes every two members of a group, once", () => {
    const groups = [{ members: ["BTC", "ETH"] }, { members: ["ETH", "BTC", "SOL", "DOGE"] }];
    expect(pairsOfGroups(groups, ["BTC", "ETH", "SOL", "XRP"])).toEqual([
      ["BTC", "ETH"],
      ["BTC", "SOL"],
      ["ETH", "SOL"],
    ]);
  });
});
