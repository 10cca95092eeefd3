/**
 * How far a vol moves in an up or a down row, by tenor.
 *
 *      t = (30 / max(days, floorDays))^p      p = shortPower if days <= 30 else longPower
 *      up    max(minShockedVol, vol (1 + u t))          u, d = terms x the regime's vol scale
 *      down  vol max(0, 1 - d t)
 *
 * `days` is the tenor now, also in a row in which time passes. Of several rules the worse counts:
 * the highest vol of an up row, the lowest of a down row.
 */
import { pow } from "../math/pow.ts";
import type { VolTerms } from "../terms.ts";

const DAYS_PER_YEAR = 365;

/** The moves of one rule at one tenor, as fractions of the vol (relative) or points (absolute). */
interface Move {
  readonly up: number;
  readonly down: number;
}

/** An option's vols in its three directions. */
export interface ShockedVols {
  readonly up: number;
  readonly flat: number;
  readonly down: number;
}

/** Vols of an option with `days` to expiry. The scale multiplies both moves. */
export function shockVol(
  rules: readonly VolTerms[],
  vol: number,
  days: number,
  scale: number,
): ShockedVols {
  let up = rules.length === 0 ? vol : 0;
  let down = rules.length === 0 ? vol : Number.POSITIVE_INFINITY;
  for (const rule of rules) {
    const move = moveAt(rule, days);
    up = Math.max(up, rule.minShockedVol, raised(rule, vol, move.up * scale));
    down = Math.min(down, lowered(rule, vol, move.down * scale));
  }
  return { up, flat: vol, down };
}

function raised(rule: VolTerms, vol: number, move: number): number {
  return rule.kind === "absolute" ? vol + move : vol * (1 + move);
}

function lowered(rule: VolTerms, vol: number, move: number): number {
  return rule.kind === "absolute" ? Math.max(0, vol - move) : vol * Math.max(0, 1 - move);
}

function moveAt(rule: VolTerms, days: number): Move {
  if (rule.tenorTable !== null) return fromTable(rule.tenorTable, days);
  if (rule.kind === "stdev") {
    const deviation = rule.volOfVol * Math.sqrt(rule.horizonDays / DAYS_PER_YEAR);
    return { up: rule.up * deviation, down: rule.down * deviation };
  }
  const power = days <= rule.referenceDays ? rule.shortPower : rule.longPower;
  const t = power === 0 ? 1 : pow(rule.referenceDays / Math.max(days, rule.floorDays), power);
  return { up: rule.up * t, down: rule.down * t };
}

/** Linear between the table's days, flat outside. */
function fromTable(table: NonNullable<VolTerms["tenorTable"]>, days: number): Move {
  const above = table.findIndex((entry) => entry.days >= days);
  const right = above < 0 ? table[table.length - 1]! : table[above]!;
  if (above <= 0) return right;
  const left = table[above - 1]!;
  const share = (days - left.days) / (right.days - left.days);
  return {
    up: left.up + share * (right.up - left.up),
    down: left.down + share * (right.down - left.down),
  };
}
