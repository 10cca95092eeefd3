/**
 * What one mark costs in the guard.
 *
 *      node --expose-gc --trace-gc loadtest/bench/guard.bench.ts
 *
 * The embedded market's listing (some 520 names). `trusted` is one trusted source, the way of every
 * mark of a simulation or a replay: batches of 64 marks that were made beforehand, so that what is
 * allocated is the guard's; with `--trace-gc` no line of a collection may stand between the two
 * marks of it. `five sources` is one index from five sources at once, `lone` one that nobody
 * vouches for, `vol` an option's vol of three sources, held against its smile; `review` a look at
 * all names. Medians of 200 rounds after 50 to warm up.
 */

import type { FeedBatch, FeedMark } from "../../gateway/feed/feed.ts";
import { type GuardOptions, openGuard } from "../../gateway/feed/guard.ts";
import { openSim } from "../../gateway/feed/sim.ts";

const ROUNDS = 250;
const WARM_ROUNDS = 50;
const BATCHES = 400;
const { listing } = openSim({ warmDays: 1 });
const start = 1_718_611_190_000;

/** Names and figures of the marks of batch `i`. */
type Marks = (i: number) => FeedMark[];

const priced = listing.instruments.filter(({ kind }) => kind === "perpetual" || kind === "future");
const options = listing.instruments.filter(({ kind }) => kind === "option");
const wobble = (i: number): number => 1 + 0.0001 * ((i * 7919) % 13);

const kinds: readonly { name: string; of: GuardOptions; marks: Marks }[] = [
  {
    name: "trusted",
    of: { trusted: true },
    marks: (i) => [
      ...["BTC", "ETH"].map((id) => ({ id, value: 3_500 * wobble(i), extra: 0 })),
      ...priced.slice(0, 6).map(({ id }) => ({ id, value: 3_500 * wobble(i), extra: 0.0001 })),
      ...options.slice(0, 56).map(({ id }) => ({ id, value: 0.6 * wobble(i), extra: 3_500 })),
    ],
  },
  {
    name: "five sources",
    of: { trusted: false, sources: ["a", "b", "c", "d", "e"] },
    marks: (i) =>
      ["a", "b", "c", "d", "e"].map((source, k) => {
        return { id: "BTC", value: 65_000 * wobble(i + k), extra: 0, source };
      }),
  },
  {
    name: "lone",
    of: { trusted: false },
    marks: (i) => [{ id: "BTC", value: 65_000 * wobble(i), extra: 0 }],
  },
  {
    name: "vol",
    of: { trusted: false, sources: ["a", "b", "c"] },
    marks: (i) =>
      ["a", "b", "c"].map((source) => {
        const { id } = options[i % 40]!;
        return { id, value: 0.6 * wobble(i), extra: 0, source };
      }),
  },
];

const median = (sorted: Float64Array): number => sorted.sort()[sorted.length >> 1]!;

function run({ name, of, marks }: (typeof kinds)[number]): void {
  const guard = openGuard(listing, of);
  let at = start;
  // One batch a second: made once, and their times set again before each round.
  const batches = Array.from({ length: BATCHES }, (_, i) => marks(i));
  const events: { -readonly [K in keyof FeedBatch]: FeedBatch[K] }[] = batches.map((of) => ({
    kind: "marks",
    at: 0,
    marks: of,
  }));
  const count = batches.reduce((sum, of) => sum + of.length, 0);
  const micros = new Float64Array(ROUNDS - WARM_ROUNDS);
  let heapBefore = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (const event of events) event.at = at += 1_000;
    if (round === WARM_ROUNDS) {
      globalThis.gc?.();
      heapBefore = process.memoryUsage().heapUsed;
      process.stdout.write(`--- ${name}: from here\n`);
    }
    const begun = performance.now();
    for (let i = 0; i < events.length; i++) guard.pass(events[i]!);
    if (round >= WARM_ROUNDS) {
      micros[round - WARM_ROUNDS] = ((performance.now() - begun) * 1_000) / count;
    }
  }
  const grown = process.memoryUsage().heapUsed - heapBefore;
  process.stdout.write(`--- ${name}: to here\n`);
  const perMark = grown / (count * (ROUNDS - WARM_ROUNDS));
  const refused = Object.values(guard.refused()).reduce((sum, of) => sum + of, 0);
  process.stdout.write(
    `${name}: ${median(micros).toFixed(3)} us a mark, ${perMark.toFixed(1)} B a mark left, ` +
      `${refused} not accepted\n`,
  );
}

for (const kind of kinds) run(kind);

const guard = openGuard(listing, { trusted: true });
const looks = new Float64Array(2_000);
for (let i = 0; i < looks.length; i++) {
  const begun = performance.now();
  guard.review(start + i * 1_000);
  looks[i] = (performance.now() - begun) * 1_000;
}
process.stdout.write(
  `review: ${median(looks).toFixed(2)} us of ${listing.instruments.length} names\n`,
);
