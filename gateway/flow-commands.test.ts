import { describe, expect, it } from "vitest";
import { regimeTerms } from "../config/regime.ts";
import { loadTerms, termsHash } from "../config/terms.ts";
import { emptyState } from "../core/engine/state.ts";
import { createRegime, foldBar, type RegimeState } from "../regime/index.ts";
import { unsaid } from "./flow-commands.ts";

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
    const [change, ...others] = unsaid(regimes, stateWith(initial + 0.01, regime));
    const slideRange = { initial, maintenance };
    expect(change).toMatchObject({ kind: "GridChange", underlying: "BTC", slideRange, volScale });
    expect(others).toEqual([]);
  });

  it("is nothing where the range in force is the regime's", () => {
    expect(unsaid(regimes, stateWith(regime.published.initial, regime))).toEqual([]);
  });

  it("is nothing before the regime has published any", () => {
    const fresh = new Map([["BTC", createRegime(regimeTerms("crypto"), BAR_MS, "BTC")]]);
    expect(unsaid(fresh, emptyState("0".repeat(32), terms, termsHash(terms)))).toEqual([]);
  });
});
