/** Tests of credits in the list: they travel with a grid change, and the engine takes them. */
import { describe, expect, it } from "vitest";
import { BAR_MS, closesOf, terms } from "./comovement.test-kit.ts";
import { createComovement, snapshotComovement } from "./comovement.ts";
import { foldPairsTurn, pairsCommand } from "./credits.ts";
import { createRegime } from "./state.ts";
import { exampleTerms as crypto } from "./study/example-terms.test-kit.ts";
import { turnOf } from "./turn.test-kit.ts";
import { foldRegimeTurn } from "./turn.ts";

const names = [{ id: "A" }, { id: "B" }];
const closes = closesOf(12 * 130, () => 0.9, 11);

const worlds = () => ({
  regimes: new Map(names.map(({ id }) => [id, createRegime(crypto, BAR_MS, id)])),
  pairs: createComovement({
    terms,
    barMs: BAR_MS,
    members: names.map(({ id }) => ({ id, terms: crypto })),
    pairs: [["A", "B"]],
  }),
});

const turnAt = (i: number) => {
  const bar = (price: number, ordinal: number) => {
    return { ordinal, open: price, high: price, low: price, last: price, count: 1 };
  };
  return { ...turnOf((i + 1) * BAR_MS, []), index: closes[i]!.map(bar) };
};

describe("credits", () => {
  it("stand in one grid change of every Turn in which one moved, and in no other", () => {
    const { regimes, pairs } = worlds();
    let last: number | undefined;
    for (let i = 0; i < closes.length; i++) {
      const turn = turnAt(i);
      const answers = foldRegimeTurn(regimes, turn, names);
      const { answers: all } = foldPairsTurn(pairs, turn, { regimes, names, answers });
      const credited = all.filter((one) => one.kind === "GridChange" && one.credits !== undefined);
      const { credit } = pairs.pairs[0]!;
      expect(credited.length).toBe(credit === last ? 0 : 1);
      for (const one of credited)
        expect(one).toMatchObject({
          credits: [{ members: ["A", "B"], credit }],
          evidence: { comovement: [{ credit, rho: pairs.pairs[0]!.rho }] },
        });
      // What the regimes answered stands as it was, beside a change that repeats what is published.
      expect(all.length - answers.length).toBeLessThanOrEqual(credited.length);
      const [first] = credited;
      const { published } = regimes.get(first?.kind === "GridChange" ? first.underlying : "A")!;
      if (first?.kind === "GridChange")
        expect(first.slideRange).toEqual({
          initial: published.initial,
          maintenance: published.maintenance,
        });
      last = credit;
    }
    expect(last).toBeGreaterThan(0.5);
  });

  it("say nothing without a regime that could say it", () => {
    const { pairs } = worlds();
    const none = { regimes: new Map(), names, answers: [] };
    expect(foldPairsTurn(pairs, turnAt(0), none)).toEqual({ pairs, answers: [] });
  });

  it("begin where the list brings the pairs, and a replay of it has the same", () => {
    const { regimes, pairs } = worlds();
    foldPairsTurn(pairs, turnAt(3), { regimes: new Map(), names, answers: [] });
    const bring = { ...turnAt(5), commands: [pairsCommand(pairs)] };
    expect(foldRegimeTurn(regimes, bring, names).length).toBe(2);
    const folded = { regimes, names, answers: [] };
    expect(foldPairsTurn(undefined, turnAt(4), folded)).toEqual({ pairs: undefined, answers: [] });
    const first = foldPairsTurn(undefined, JSON.parse(JSON.stringify(bring)), folded);
    expect(first.answers).toMatchObject([{ kind: "GridChange", credits: [{ credit: 0.5 }] }]);
    const twin = foldPairsTurn(pairs, turnAt(5), folded);
    expect(twin.answers).toEqual([]);
    expect(snapshotComovement(first.pairs!)).toEqual(snapshotComovement(twin.pairs!));
  });

  it("of pairs that cannot be restored are told, and those that were go on", () => {
    const { regimes, pairs } = worlds();
    const refused: string[] = [];
    const command = { ...pairsCommand(pairs), snapshot: { slidewire: "comovement/2" } };
    const folded = { regimes, names, answers: [] };
    const turn = { ...turnAt(0), commands: [command] };
    const after = foldPairsTurn(pairs, turn, folded, ({ code }) => refused.push(code));
    expect(after.pairs).toBe(pairs);
    expect(refused).toEqual(["malformed_file"]);
  });
});
