/**
 * Elasticity of initial margin to volatility, by book and by the time since it rose.
 *
 *      node loadtest/bench/elasticity.bench.ts [FACTOR]
 *
 * Vol x 1.25 or FACTOR for good, mean of four markets; the first rows are of the range, the vol
 * scale and the share that is not credited. The method stands in elasticity.test-kit.ts.
 */
import { books, type Grids, gridsAfter, initialMargin } from "./elasticity.test-kit.ts";

const FACTOR = Number(process.argv[2] ?? 1.25);
const SEEDS = [1, 2, 3, 4];
const HORIZONS = [1, 5, 30, 90, 180, 365, 730];

const print = (text: string) => process.stdout.write(`${text}\n`);
const worlds = SEEDS.map((seed) => ({
  without: gridsAfter(seed, 1, HORIZONS),
  with: gridsAfter(seed, FACTOR, HORIZONS),
}));

/** Mean over the markets of one figure's elasticity, at each horizon. */
function elasticities(of: (grids: Grids) => number): number[] {
  return HORIZONS.map((_, i) => {
    const ratios = worlds.map((world) => of(world.with[i]!) / of(world.without[i]!));
    const logs = ratios.map((ratio) => Math.log(ratio) / Math.log(FACTOR));
    return logs.reduce((sum, x) => sum + x / logs.length, 0);
  });
}

const row = (name: string, values: readonly (number | string)[]): void => {
  const shown = values.map((x) => (typeof x === "number" ? x.toFixed(2) : x));
  print(`| ${[name, ...shown].join(" | ")} |`);
};

row(
  "after",
  HORIZONS.map((days) => `${days} d`),
);
print(`| --- |${" --- |".repeat(HORIZONS.length)}`);
row(
  "range",
  elasticities(({ range }) => range),
);
row(
  "vol scale",
  elasticities(({ volScale }) => volScale),
);
row(
  "share not credited",
  elasticities(({ credit }) => 1 - credit),
);
for (const book of Object.keys(books)) {
  row(
    book,
    elasticities((grids) => initialMargin(book, grids)),
  );
}
