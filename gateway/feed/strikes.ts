/**
 * Strike ladders: round numbers, evenly spread in log price around the forward.
 *
 *      half width   deviations x vol x √years
 *      spacing      2 half / (count - 1)
 *      strike       forward e^(-half + i spacing), to the nearest round step below the spacing
 *
 * So a ladder fits a coin at 65,000 dollars and one at a tenth of a cent, a day and a year.
 */
import { RiskError, shown } from "../../core/errors.ts";
import { exp } from "../../core/math/exp.ts";
import { DAY_MS, YEAR_MS } from "./settings.ts";

export interface LadderLayout {
  readonly strikes: number;
  readonly deviations: number;
  readonly volForWidth: number;
  readonly widthDaysMin: number;
}

/** Prices outside have no ladder. */
export const STRIKE_PRICE_MIN = 1e-6;
export const STRIKE_PRICE_MAX = 1e12;

/** Log distance from the forward to either end of a ladder. */
export function halfWidth(years: number, layout: LadderLayout): number {
  const time = Math.max(years, (layout.widthDaysMin * DAY_MS) / YEAR_MS);
  return layout.deviations * layout.volForWidth * Math.sqrt(time);
}

/**
 * Strikes around `forward`, ascending and distinct; about `layout.strikes` of them.
 *
 * @throws RiskError out_of_bounds when the forward is outside the prices that have a ladder
 */
export function ladder(forward: number, years: number, layout: LadderLayout): number[] {
  if (!(forward >= STRIKE_PRICE_MIN && forward <= STRIKE_PRICE_MAX))
    throw new RiskError("out_of_bounds", {
      path: "forward",
      expected: `${STRIKE_PRICE_MIN} to ${STRIKE_PRICE_MAX}`,
      found: shown(forward),
    });
  const half = halfWidth(years, layout);
  const spacing = (2 * half) / (layout.strikes - 1);
  const strikes = new Set<number>();
  for (let i = 0; i < layout.strikes; i++) {
    const target = forward * exp(i * spacing - half);
    strikes.add(rounded(target, target * spacing));
  }
  return [...strikes].sort((a, b) => a - b);
}

/** `70000`, `0d625`: a strike as it stands in an instrument's name. */
export function strikeName(strike: number): string {
  if (Number.isInteger(strike)) return String(strike);
  return strike.toFixed(12).replace(/0+$/, "").replace(".", "d");
}

/** The multiple of the largest round step ≤ `gap` nearest to `target`; at least one step. */
function rounded(target: number, gap: number): number {
  let unit = 1;
  let parts = 1;
  while (unit * 10 <= gap) unit *= 10;
  while (unit / parts > gap) parts *= 10;
  const lead = [5, 2, 1].find((n) => (n * unit) / parts <= gap) ?? 1;
  const steps = Math.max(1, Math.round((target * parts) / (lead * unit)));
  // Whole steps first and one division last: the strike is the double nearest to its decimal.
  return (steps * lead * unit) / parts;
}
