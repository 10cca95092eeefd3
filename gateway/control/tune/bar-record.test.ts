/** Tests of the record of bars: the same bars as the regime's own, bounded, none twice. */
import { describe, expect, it } from "vitest";
import { FIRST_HASH, type Turn } from "../../../core/engine/turn.ts";
import { openBarRecord } from "./bar-record.ts";

const names = [{ id: "BTC" }, { id: "ETH" }];

function turn(at: number, ...prices: readonly (number | undefined)[]): Turn {
  const index = prices.flatMap((price, ordinal) =>
    price === undefined
      ? []
      : [{ ordinal, open: price, high: price + 1, low: price - 1, last: price, count: 1 }],
  );
  return {
    ...{ partition: 0, lineage: "0".repeat(32), seq: 1, at, prevHash: FIRST_HASH },
    ...{ marks: [], commands: [], index },
  };
}

const bar = (openMs: number, price: number, volume = 1) => ({
  ...{ underlying: "BTC", openMs, open: price, high: price, low: price, close: price, volume },
});

describe("a record of bars", () => {
  it("closes a bar with the first mark after it, by underlying", () => {
    const record = openBarRecord(1_000);
    record.fold(turn(100, 10), names);
    record.fold(turn(900, 14, 5), names);
    expect(record.bars("BTC")).toEqual([]);
    record.fold(turn(2_100, 12), names);
    expect(record.bars("BTC")).toEqual([{ openMs: 0, open: 10, high: 15, low: 9, close: 14 }]);
    expect(record.bars("ETH")).toEqual([]);
    expect(record.bars("SOL")).toEqual([]);
  });

  it("goes on from the bars of a warm start, and takes none twice or late", async () => {
    const record = openBarRecord(1_000);
    const passed: number[] = [];
    const warm = (async function* () {
      yield* [bar(0, 1), bar(1_000, 2), bar(1_000, 9), bar(500, 9), bar(2_000, 3, 0)];
    })();
    for await (const { openMs } of record.passing(warm)) passed.push(openMs);
    expect(passed).toHaveLength(5);
    record.fold(turn(1_500, 8), names);
    record.fold(turn(3_500, 4), names);
    record.fold(turn(4_500, 5), names);
    expect(record.bars("BTC").map(({ openMs }) => openMs)).toEqual([0, 1_000, 3_000]);
  });

  it("keeps the newest of so many", () => {
    const record = openBarRecord(1_000, 3);
    for (let i = 0; i < 7; i++) record.add(bar(i * 1_000, i + 1));
    expect(record.bars("BTC").map(({ close }) => close)).toEqual([5, 6, 7]);
  });
});
