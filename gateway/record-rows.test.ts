/** Tests of the rows of a record against a slow twin: a list that is sorted and cut. */
import { describe, expect, it } from "vitest";
import { seededChance } from "../core/margin/chance.test-kit.ts";
import { OWN_ROWS, Rows } from "./record-rows.ts";

const barAt = (openMs: number, price: number) => ({
  ...{ openMs, open: price, high: price, low: price, close: price },
});

function rowsOf(opens: readonly number[], price: number, rowsMax = 100_000, left = 1_000_000) {
  const rows = new Rows({ left }, rowsMax);
  for (const openMs of opens) rows.push(barAt(openMs, price), 1);
  return rows;
}

const found = (rows: Rows) => {
  const { openMs, close } = rows.columns();
  return [...openMs].map((at, i) => [at, close[i]]);
};

describe("rows", () => {
  it("take no bar twice or late", () => {
    const rows = rowsOf([10, 20, 20, 15, 30], 1);
    expect(found(rows).map(([at]) => at)).toEqual([10, 20, 30]);
  });

  it("share their room: who comes later keeps fewer, and never under his own", () => {
    const room = { left: 2 * OWN_ROWS };
    const [first, second] = [new Rows(room, 10_000), new Rows(room, 10_000)];
    for (let i = 0; i < 5 * OWN_ROWS; i++) {
      first.push(barAt(i, 1), 1);
      if (i >= 2 * OWN_ROWS) second.push(barAt(i, 1), 1);
    }
    expect([found(first).length, found(second).length]).toEqual([3 * OWN_ROWS, OWN_ROWS]);
    expect(found(second).at(0)).toEqual([4 * OWN_ROWS, 1]);
  });

  it("join another's in order, keep their own, and go on", () => {
    const rows = rowsOf([20, 30, 50], 1, 5);
    rows.join(rowsOf([5, 10, 20, 40, 50, 60], 2).columns());
    expect(found(rows)).toEqual([20, 30, 40, 50, 60].map((at, i) => [at, [1, 1, 2, 1, 2][i]]));
    rows.push(barAt(55, 3), 1);
    rows.push(barAt(70, 3), 1);
    expect(found(rows)).toEqual([30, 40, 50, 60, 70].map((at, i) => [at, [1, 2, 1, 2, 3][i]]));
  });

  it("are the newest of both, whatever they hold (seed 11, 100 pairs)", () => {
    const { whole } = seededChance(11);
    const moments = () => {
      const drawn = new Set(Array.from({ length: whole(0, 3_000) }, () => whole(0, 4_000)));
      return [...drawn].sort((a, b) => a - b);
    };
    for (let i = 0; i < 100; i++) {
      const [rowsMax, left] = [whole(1, 2_500), whole(0, 3_000)];
      const kept = Math.min(rowsMax, OWN_ROWS + left);
      const [own, others] = [moments(), moments()];
      const rows = rowsOf(own, 1, rowsMax, left);
      rows.join(rowsOf(others, 2).columns());
      const both = new Map(others.map((at) => [at, 2]));
      for (const at of own.slice(-kept)) both.set(at, 1);
      const slow = [...both].sort(([a], [b]) => a - b).slice(-kept);
      expect(found(rows)).toEqual(slow);
      rows.push(barAt(5_000, 3), 1);
      expect(found(rows)).toEqual([...slow, [5_000, 3]].slice(-kept));
    }
  });
});
