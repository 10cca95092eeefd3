import { describe, expect, it } from "vitest";
import { comovementTerms } from "../config/comovement.ts";
import { regimeTerms } from "../config/regime.ts";
import { loadTerms, termsHash } from "../config/terms.ts";
import type { GridChangeCommand } from "../core/engine/command.ts";
import { emptyState } from "../core/engine/state.ts";
import {
  createComovement,
  createRegime,
  creditsNow,
  foldBar,
  foldPairs,
  type RegimeState,
} from "../regime/index.ts";
import { newestWord, unsaid } from "./flow-commands.ts";

const terms = loadTerms("slidewire");
const BAR_MS = 60_000;

/** A regime that has published its first range. */
function published(): RegimeState {
  const regime = createRegime(regimeTerms("crypto"), BAR_MS, "BTC");
  const bar = { underlying: "BTC", openMs: 0, stale: false, volume: 1 };
  foldBar(regime, { ...bar, open: 60_000, high: 60_100, low: 59_900, close: 60_050 });
  return regime;
}

function stateWith(initial: number, { published: { maintenance, volScale } }: RegimeState) {
  const state = emptyState("0".repeat(32), terms, termsHash(terms));
  state.market.ranges.set("BTC", { slideRange: { initial, maintenance }, volScale });
  return state;
}

describe("what a regime decided and the list does not hold", () => {
  const regime = published();
  const regimes = new Map([["BTC", regime]]);

  it("is said again as the range that it published", () => {
    const { initial, maintenance, volScale } = regime.published;
    const [change, ...others] = unsaid(
      { regimes, pairs: undefined },
      stateWith(initial + 0.01, regime),
    );
    const slideRange = { initial, maintenance };
    expect(change).toMatchObject({ kind: "GridChange", underlying: "BTC", slideRange, volScale });
    expect(others).toEqual([]);
  });

  it("is nothing where the range in force is the regime's", () => {
    expect(
      unsaid({ regimes, pairs: undefined }, stateWith(regime.published.initial, regime)),
    ).toEqual([]);
  });

  it("is nothing before the regime has published any", () => {
    const fresh = new Map([["BTC", createRegime(regimeTerms("crypto"), BAR_MS, "BTC")]]);
    expect(
      unsaid(
        { regimes: fresh, pairs: undefined },
        emptyState("0".repeat(32), terms, termsHash(terms)),
      ),
    ).toEqual([]);
  });

  it("is said again of credits between underlyings, beside the range of a member", () => {
    const members = ["BTC", "ETH"].map((id) => ({ id, terms: regimeTerms("crypto") }));
    const of = { terms: comovementTerms, barMs: BAR_MS, members };
    const pairs = createComovement({ ...of, pairs: [["BTC", "ETH"]] });
    const state = stateWith(regime.published.initial, regime);
    expect(unsaid({ regimes, pairs }, state)).toEqual([]);
    foldPairs(pairs, { at: 0, marks: [], regimes });
    const { credits } = creditsNow(pairs);
    const [change, ...others] = unsaid({ regimes, pairs }, state);
    expect(change).toMatchObject({ kind: "GridChange", underlying: "BTC", credits });
    expect(others).toEqual([]);
    state.market.credits = credits;
    expect(unsaid({ regimes, pairs }, state)).toEqual([]);
  });
});

describe("of two commands on one subject", () => {
  const change: GridChangeCommand = {
    kind: "GridChange",
    ...{ underlying: "BTC", volScale: 1, label: "normal", evidence: {} },
    slideRange: { initial: 0.2, maintenance: 0.2 },
  };
  const credits = [{ members: ["BTC", "ETH"], credit: 0.3 }];

  it("the newer one counts, with what only the older said", () => {
    const newer = { ...change, slideRange: { initial: 0.3, maintenance: 0.2 } };
    expect(newestWord(undefined, newer)).toEqual(newer);
    expect(newestWord(change, newer)).toEqual(newer);
    expect(newestWord({ ...change, credits }, newer)).toEqual({ ...newer, credits });
    const others = [{ members: ["BTC", "ETH"], credit: 0.1 }];
    expect(newestWord({ ...change, credits }, { ...newer, credits: others })).toEqual({
      ...newer,
      credits: others,
    });
  });
});
