/**
 * Which measure of tails can be steered by: six of them on 400 draws of 360 returns of known laws.
 *
 *      node loadtest/bench/kurtosis.bench.ts
 *
 * Medians of a normal (with its 5 and 95 % quantiles), t6, t4 and t3; `sep` is the distance of the
 * t4 median from the normal's in pooled standard deviations; `shift` is what one 15-sigma print
 * among normal returns moves the median by. Fixed seeds, so the table is the same everywhere.
 */
import { orderWindow, push, quantile } from "../../regime/order-window.ts";
import { normals, students } from "../../regime/study/synthetic.test-kit.ts";
import { lKurtosis } from "../../regime/tails.ts";

const DRAWS = 400;
const RETURNS = 360;
const PRINT = 15;

type Measure = (sorted: readonly number[]) => number;
type Law = (seed: number) => () => number;

const measures: Readonly<Record<string, Measure>> = {
  "moment excess": moment,
  "L-kurtosis - .1226": (xs) => lKurtosis(windowOf(xs)) - 0.1226,
  Hogg: (xs) =>
    (tail(xs, 0.05) - tail([...xs].reverse(), 0.05)) /
      (tail(xs, 0.5) - tail([...xs].reverse(), 0.5)) -
    2.59,
  "Crow-Siddiqui": (xs) => (at(xs, 0.975) - at(xs, 0.025)) / (at(xs, 0.75) - at(xs, 0.25)) - 2.91,
  Moors: (xs) =>
    (at(xs, 7 / 8) - at(xs, 5 / 8) + at(xs, 3 / 8) - at(xs, 1 / 8)) /
      (at(xs, 0.75) - at(xs, 0.25)) -
    1.233,
  "Hill 5 % (index)": hill,
};

const laws: Readonly<Record<string, Law>> = {
  N: normals,
  t6: (seed) => students(seed, 6),
  t4: (seed) => students(seed, 4),
  t3: (seed) => students(seed, 3),
};

function moment(xs: readonly number[]): number {
  const mean = meanOf(xs);
  const of = (p: number) => meanOf(xs.map((x) => (x - mean) ** p));
  return of(4) / of(2) ** 2 - 3;
}

/** Index of the largest twentieth of the absolute values. */
function hill(xs: readonly number[]): number {
  const sizes = xs.map(Math.abs).sort((a, b) => b - a);
  const count = Math.floor(0.05 * xs.length);
  return 1 / meanOf(sizes.slice(0, count).map((x) => Math.log(x / sizes[count]!)));
}

/** Mean of the last `share` of the values. */
function tail(xs: readonly number[], share: number): number {
  return meanOf(xs.slice(xs.length - Math.round(share * xs.length)));
}

function windowOf(xs: readonly number[]) {
  const window = orderWindow(xs.length);
  for (const x of xs) push(window, x);
  return window;
}

const at = (xs: readonly number[], p: number): number => quantile(windowOf(xs), p)!;
const meanOf = (xs: readonly number[]): number => xs.reduce((sum, x) => sum + x, 0) / xs.length;
const ascending = (xs: readonly number[]): number[] => [...xs].sort((a, b) => a - b);

function draws(law: Law): number[][] {
  return Array.from({ length: DRAWS }, (_, seed) => {
    const deviate = law(seed + 1);
    return Array.from({ length: RETURNS }, deviate);
  });
}

/** Median, 5 and 95 % quantile and variance of a measure over draws. */
function spread(samples: readonly number[][], measure: Measure) {
  const found = ascending(samples.map((xs) => measure(ascending(xs))));
  const mean = meanOf(found);
  return {
    median: at(found, 0.5),
    low: at(found, 0.05),
    high: at(found, 0.95),
    variance: meanOf(found.map((x) => (x - mean) ** 2)),
  };
}

const samples = Object.fromEntries(Object.entries(laws).map(([name, law]) => [name, draws(law)]));
const shown = (x: number): string => x.toFixed(3);

process.stdout.write(`| n = ${RETURNS} | N median [5, 95 %] | t6 | t4 | t3 | sep | shift |\n`);
process.stdout.write("| --- | --- | --- | --- | --- | --- | --- |\n");
for (const [name, measure] of Object.entries(measures)) {
  const of = (law: string) => spread(samples[law]!, measure);
  const [n, t6, t4, t3] = [of("N"), of("t6"), of("t4"), of("t3")];
  const sep = (t4.median - n.median) / Math.sqrt((n.variance + t4.variance) / 2);
  const printed = samples["N"]!.map((xs) => xs.with(RETURNS / 2, PRINT));
  const shift = spread(printed, measure).median - n.median;
  const normal = `${shown(n.median)} [${shown(n.low)}, ${shown(n.high)}]`;
  const rest = [t6.median, t4.median, t3.median].map(shown).join(" | ");
  process.stdout.write(`| ${name} | ${normal} | ${rest} | ${sep.toFixed(2)} | ${shown(shift)} |\n`);
}
