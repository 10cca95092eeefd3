/**
 * What one Black-76 price costs, beside the two-term formula F Φ(d1) - K Φ(d2) on the same Φ.
 *
 *      node loadtest/bench/black.bench.ts
 *
 * 2,000 options around the money (slides to ±16 %, strikes ±40 %, s from 1 % to 70 %), fixed seed;
 * the least of 400 passes each, the two interleaved so that a busy machine slows both. The
 * checksums must agree to 1e-12: the two-term formula is the one that is less exact. Included: the
 * logarithm of every price, which a kernel would take once per underlying. Not included:
 * discounting.
 */
import { black } from "../../core/pricing/black76.ts";
import { cdf } from "../../core/pricing/normal.ts";

const OPTIONS = 2000;
const PASSES = 400;

const forwards = new Float64Array(OPTIONS);
const strikes = new Float64Array(OPTIONS);
const stdDevs = new Float64Array(OPTIONS);
const prices = new Float64Array(OPTIONS);

type Pricing = (forward: number, strike: number, stdDev: number, call: boolean) => number;

function twoTerms(forward: number, strike: number, stdDev: number, call: boolean): number {
  const d1 = Math.log(forward / strike) / stdDev + stdDev / 2;
  const d2 = d1 - stdDev;
  return call ? forward * cdf(d1) - strike * cdf(d2) : strike * cdf(-d2) - forward * cdf(-d1);
}

function fillOptions(): void {
  let seed = 76;
  const chance = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647;
  };
  for (let i = 0; i < OPTIONS; i++) {
    forwards[i] = 60_000 * (0.84 + 0.32 * chance());
    strikes[i] = 60_000 * (0.6 + 0.8 * chance());
    stdDevs[i] = (0.3 + 0.7 * chance()) * Math.sqrt(0.002 + 0.5 * chance());
  }
}

/** Nanoseconds an option. */
function pass(price: Pricing): number {
  const start = process.hrtime.bigint();
  for (let i = 0; i < OPTIONS; i++) {
    prices[i] = price(forwards[i]!, strikes[i]!, stdDevs[i]!, (i & 1) === 0);
  }
  return Number(process.hrtime.bigint() - start) / OPTIONS;
}

const checksum = () => prices.reduce((sum, price) => sum + price, 0);

function run(): void {
  fillOptions();
  let ours = Number.POSITIVE_INFINITY;
  let theirs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < PASSES; i++) {
    ours = Math.min(ours, pass(black));
    theirs = Math.min(theirs, pass(twoTerms));
  }
  pass(black);
  const sum = checksum();
  pass(twoTerms);
  const same = Math.abs(checksum() / sum - 1) < 1e-12;
  const figures = { ourNs: ours, twoTermNs: theirs, ratio: ours / theirs, checksum: sum, same };
  process.stdout.write(
    `${JSON.stringify({ bench: "black", node: process.version, ...figures })}\n`,
  );
  if (!same) process.exitCode = 3;
}

run();
