/**
 * Bars of the simulated market before its start: a regime is warm when the first mark comes.
 *
 * The market runs from `days` before the start in coarse steps, its last hours quiet, and then the
 * whole past is shifted, in log price, to end at the declared prices: so the first index is the
 * same for every seed.
 */
import { exp } from "../../core/math/exp.ts";
import { log } from "../../core/math/log.ts";
import type { FileBar } from "./feed.ts";
import { advance, advanceBasis, enter, firstPhase, type Market, strideOf } from "./market.ts";
import { DAY_MS, HOUR_MS } from "./settings.ts";

/** Open, high, low and close in log price, bar-major: `[bars x underlyings x 4]`. */
export interface History {
  readonly bars: number;
  readonly logs: Float64Array;
}

/** Runs `market` through `days` and leaves it at its declared prices. */
export function runHistory(market: Market, days: number): History {
  const { barMs, warmStepMs, quietHours, underlyings } = market.settings;
  const bars = Math.floor((days * DAY_MS) / barMs);
  const stride = strideOf(market.settings, warmStepMs);
  const barStride = strideOf(market.settings, barMs);
  const logs = new Float64Array(bars * underlyings.length * 4);
  const quietFrom = bars - Math.ceil((quietHours * HOUR_MS) / barMs);
  for (let bar = 0; bar < bars; bar++) {
    if (bar === Math.max(0, quietFrom))
      enter(market, firstPhase(market.settings), quietHours * HOUR_MS);
    const from = bar * underlyings.length * 4;
    market.logPrice.forEach((x, i) => {
      logs.fill(x, from + 4 * i, from + 4 * i + 4);
    });
    for (let ms = 0; ms < barMs; ms += warmStepMs) {
      advance(market, stride);
      market.logPrice.forEach((x, i) => {
        widen(logs, from + 4 * i, x);
      });
    }
    advanceBasis(market, barStride);
  }
  underlyings.forEach(({ price }, i) => {
    const shift = log(price) - market.logPrice[i]!;
    market.logPrice[i]! += shift;
    for (let at = 4 * i; at < logs.length; at += 4 * underlyings.length)
      for (let k = at; k < at + 4; k++) logs[k]! += shift;
  });
  return { bars, logs };
}

/** The bars of `history` in prices, ending at `startMs`. */
export function* barsOf(
  { bars, logs }: History,
  { settings }: Market,
  startMs: number,
): Generator<FileBar> {
  const { barMs, underlyings } = settings;
  for (let bar = 0; bar < bars; bar++) {
    for (const [i, { id }] of underlyings.entries()) {
      const at = (bar * underlyings.length + i) * 4;
      yield {
        underlying: id,
        openMs: startMs - (bars - bar) * barMs,
        open: exp(logs[at]!),
        high: exp(logs[at + 1]!),
        low: exp(logs[at + 2]!),
        close: exp(logs[at + 3]!),
        volume: 1,
      };
    }
  }
}

function widen(logs: Float64Array, at: number, x: number): void {
  logs[at + 1] = Math.max(logs[at + 1]!, x);
  logs[at + 2] = Math.min(logs[at + 2]!, x);
  logs[at + 3] = x;
}
