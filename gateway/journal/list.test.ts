import { describe, expect, it } from "vitest";
import { memoryList } from "./list.ts";

const record = (text: string) => new TextEncoder().encode(text);
const read = (list: ReturnType<typeof memoryList>, from: number) =>
  [...list.read(from)].map(({ seq, bytes }) => [seq, new TextDecoder().decode(bytes)]);

describe("an ordered list in memory", () => {
  it("numbers its records from 1 on", () => {
    const list = memoryList();
    expect(list.lastSeq()).toBe(0);
    list.append([record("a"), record("b")], 1);
    list.append([record("c")], 3);
    expect(list.lastSeq()).toBe(3);
    expect(read(list, 1)).toEqual([
      [1, "a"],
      [2, "b"],
      [3, "c"],
    ]);
  });

  it.each([
    [
      1,
      [
        [1, "a"],
        [2, "b"],
      ],
    ],
    [2, [[2, "b"]]],
    [3, []],
    [
      0,
      [
        [1, "a"],
        [2, "b"],
      ],
    ],
  ])("is read from number %i on", (from, records) => {
    const list = memoryList();
    list.append([record("a"), record("b")], 1);
    expect(read(list, from)).toEqual(records);
  });

  it.each([0, 1, 3])("refuses an append that expects number %i and writes nothing", (seq) => {
    const list = memoryList();
    list.append([record("a")], 1);
    expect(() => list.append([record("b")], seq)).toThrow(/conflict/);
    expect(read(list, 1)).toEqual([[1, "a"]]);
  });

  it("drops its oldest records beyond its bytes, and keeps their numbers", () => {
    const list = memoryList(100);
    for (let seq = 1; seq <= 50; seq++) list.append([new Uint8Array(10)], seq);
    const kept = [...list.read(1)].map(({ seq }) => seq);
    expect(kept.at(-1)).toBe(50);
    expect(kept.length).toBeGreaterThanOrEqual(10);
    expect(kept.length).toBeLessThanOrEqual(12);
    expect(kept[0]).toBe(51 - kept.length);
    list.append([new Uint8Array(10)], 51);
    expect(list.lastSeq()).toBe(51);
  });

  it("keeps the newest record, however large", () => {
    const list = memoryList(100);
    list.append([new Uint8Array(1_000)], 1);
    expect([...list.read(1)]).toHaveLength(1);
  });

  it("says that it survives nothing", () => {
    expect(memoryList().durable).toBe(false);
  });
});
