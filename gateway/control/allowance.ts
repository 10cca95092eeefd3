/**
 * Token buckets: what somebody may spend at once, and what comes back each second.
 *
 * A book of buckets forgets those that are full again, so its size is bounded by how many spent
 * something lately; beyond its limit it answers as if every newcomer were out of credit.
 */
export interface AllowanceRate {
  readonly perSecond: number;
  readonly burst: number;
}

export interface Allowance {
  /** Takes `cost`, or takes nothing and tells how many ms until it could. */
  spend(cost: number, nowMs: number): number;
  /** The same, without taking. */
  wait(cost: number, nowMs: number): number;
}

export function openAllowance({ perSecond, burst }: AllowanceRate): Allowance {
  const costMs = 1_000 / perSecond;
  const burstMs = burst * costMs;
  /** When all of the burst would be back: one number says everything, and no fraction is lost. */
  let fullAtMs = Number.NEGATIVE_INFINITY;
  const owedMs = (nowMs: number): number => {
    // A clock that was set back must not lock anybody out for as long as it was set back.
    fullAtMs = Math.min(fullAtMs, nowMs + burstMs);
    return Math.max(0, fullAtMs - nowMs);
  };
  const wait = (cost: number, nowMs: number): number =>
    Math.max(0, Math.ceil(owedMs(nowMs) + cost * costMs - burstMs));
  return {
    wait,
    spend(cost, nowMs) {
      const waitMs = wait(cost, nowMs);
      if (waitMs === 0) fullAtMs = nowMs + owedMs(nowMs) + cost * costMs;
      return waitMs;
    },
  };
}

/** Names in one book at a time. */
export const ALLOWANCE_NAMES_MAX = 65_536;

export interface AllowanceBook {
  of(name: string, nowMs: number): Allowance;
  readonly size: number;
}

/** Allowances by name (an address, a key), each made when first asked for. */
export function openAllowanceBook(
  rate: AllowanceRate,
  namesMax = ALLOWANCE_NAMES_MAX,
): AllowanceBook {
  const byName = new Map<string, Allowance>();
  const exhausted = openAllowance({ perSecond: rate.perSecond, burst: 0 });
  return {
    of(name, nowMs) {
      const known = byName.get(name);
      if (known) return known;
      if (byName.size >= namesMax) forgetFull(byName, rate.burst, nowMs);
      if (byName.size >= namesMax) return exhausted;
      const fresh = openAllowance(rate);
      byName.set(name, fresh);
      return fresh;
    },
    get size() {
      return byName.size;
    },
  };
}

function forgetFull(byName: Map<string, Allowance>, burst: number, nowMs: number): void {
  for (const [name, allowance] of byName) {
    if (allowance.wait(burst, nowMs) === 0) byName.delete(name);
  }
}
