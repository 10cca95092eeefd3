/**
 * Forced sales that follow a margin: the range must not feed on what it causes.
 *
 *      price falls ─► equity below maintenance ─► sale, 0.1 % of price for 1 % of open interest
 *           ▲                                          │
 *           └──────────────────────────────────────────┘
 *
 * Accounts hold the same contract with equity from 10 % to 60 % of it. Whoever is below the
 * maintenance range sells until it is met again; all sales of a bar move the next one.
 */
import { describe, expect, it } from "vitest";
import type { Bar } from "./bar.ts";
import { foldBar } from "./live.ts";
import { createRegime } from "./state.ts";
import { exampleTerms as terms } from "./study/example-terms.test-kit.ts";
import { syntheticBars } from "./study/synthetic.test-kit.ts";

const BAR_MS = 300_000;
const DAY_BARS = 288;
const ACCOUNTS = 200;
/** Fall of the price, as a share of it, when all open interest is sold. */
const IMPACT = 0.1;

interface Market {
  readonly seed: number;
  /** Fall at the shock, fraction. */
  readonly shock: number;
  readonly impact: number;
  /** With the module, or with the range that it had before the shock. */
  readonly live: boolean;
}

/** What the sales did from the shock on. */
interface Fallout {
  /** Share of open interest sold. */
  readonly sold: number;
  /** … of it in the last third of the time. */
  readonly soldLate: number;
  /** Price over the same market's without sales, at the end. */
  readonly kept: number;
  readonly widest: number;
}

const SHOCK_DAY = 40;
const DAYS = 60;

function fallout({ seed, shock, impact, live }: Market): Fallout {
  const bars = syntheticBars({ seed, bars: DAYS * DAY_BARS, barMs: BAR_MS, steps: 3, dailyVol });
  const regime = createRegime(terms, BAR_MS);
  const equity = Float64Array.from({ length: ACCOUNTS }, (_, i) => 0.1 + (0.5 * i) / ACCOUNTS);
  const held = new Float64Array(ACCOUNTS).fill(1 / ACCOUNTS);
  let [drop, sold, soldLate, widest, before, price] = [1, 0, 0, 0, 0, 0];
  let pressure = 0;
  for (const [i, bar] of bars.entries()) {
    const start = drop * (i >= SHOCK_DAY * DAY_BARS ? 1 - shock : 1);
    drop *= 1 - impact * pressure;
    const end = drop * (i >= SHOCK_DAY * DAY_BARS ? 1 - shock : 1);
    foldBar(regime, moved(bar, start, end));
    pressure = 0;
    if (i === SHOCK_DAY * DAY_BARS - 1) {
      before = regime.published.maintenance;
      price = bar.close * end;
    }
    if (i < SHOCK_DAY * DAY_BARS) continue;
    const range = live ? regime.published.maintenance : before;
    const change = (bar.close * end) / price - 1;
    for (let k = 0; k < ACCOUNTS; k++) {
      // Equity per contract at the shock, less what the price has lost since.
      const left = equity[k]! + change;
      const allowed = left <= 0 ? 0 : Math.min(1, left / range) / ACCOUNTS;
      const sale = Math.max(0, held[k]! - allowed);
      held[k] = held[k]! - sale;
      pressure += sale;
    }
    sold += pressure;
    if (i > bars.length - ((DAYS - SHOCK_DAY) / 3) * DAY_BARS) soldLate += pressure;
    widest = Math.max(widest, regime.published.initial);
  }
  return { sold, soldLate, kept: drop, widest };
}

function dailyVol(at: number): number {
  return at < SHOCK_DAY * DAY_BARS * BAR_MS ? 0.02 : 0.06;
}

function moved({ openMs, open, high, low, close }: Bar, start: number, end: number): Bar {
  return {
    openMs,
    open: open * start,
    high: high * Math.max(start, end),
    low: low * Math.min(start, end),
    close: close * end,
  };
}

describe("forced sales", () => {
  it.each([
    // seed, shock
    [1, 0.05],
    [2, 0.1],
    [3, 0.15],
    [4, 0.2],
  ])("die out with the module where they do without, seed %i, a fall of %d", (seed, shock) => {
    const off = fallout({ seed, shock, impact: IMPACT, live: false });
    const on = fallout({ seed, shock, impact: IMPACT, live: true });
    // What is sold in the last week is what the market itself makes them sell.
    expect(on.soldLate).toBeLessThan(off.soldLate + 0.05);
    // A wider range sells more; measured, it costs 0.2 to 0.7 % of the price.
    expect(1 - on.kept).toBeLessThan(1 - off.kept + 0.02);
  });

  it("do not widen the range by much more than the same market does without them", () => {
    const quiet = fallout({ seed: 2, shock: 0.1, impact: 0, live: true });
    const loud = fallout({ seed: 2, shock: 0.1, impact: IMPACT, live: true });
    expect(loud.sold).toBeGreaterThan(0.05);
    expect(loud.widest / quiet.widest).toBeLessThan(1.1);
  });

  it("are no input: the regime folds prices alone", () => {
    expect(foldBar.length).toBe(2);
    const names = JSON.stringify(Object.keys(createRegime(terms, BAR_MS)));
    expect(names).not.toMatch(/fill|position|account|margin|liquidat/i);
  });
});
