/** Tests of reading a price file: what is a bar, what is stale, what refuses the file. */
import { describe, expect, it } from "vitest";
import { parsePrices } from "./price-file.ts";

const HEADER = "open_time_ms,open,high,low,close,volume";
const file = (...rows: readonly string[]): string => [HEADER, ...rows].join("\n");

describe("a price file", () => {
  it.each([
    // manner, header, first row, second row
    ["milliseconds", HEADER, "86400000,1,3,1,2,5", "172800000,2,2,2,2,5"],
    [
      "dates",
      HEADER.replace("open_time_ms", "date"),
      "1970-01-02,1,3,1,2,5",
      "1970-01-03,2,2,2,2,5",
    ],
    ["another order", "close,date,low,high,open", "2,1970-01-02,1,3,1", "2,1970-01-03,2,2,2"],
    [
      "carriage returns",
      `${HEADER.toUpperCase()}\r`,
      "86400000,1,3,1,2,5\r",
      "172800000,2,2,2,2,5\r",
    ],
  ])("with %s is read", (_, ...rows) => {
    const { bars } = parsePrices(`${rows.join("\n")}\n`);
    expect(bars).toEqual([
      { openMs: 86_400_000, open: 1, high: 3, low: 1, close: 2, stale: false },
      { openMs: 172_800_000, open: 2, high: 2, low: 2, close: 2, stale: false },
    ]);
  });

  it.each([
    // row after a close at 2, whether it is stale
    ["2,2,2,2,0", true],
    ["2,2,2,2,1", false],
    ["3,3,3,3,0", false],
    ["2,3,2,2,0", false],
    ["2,2,2,2,", true],
  ])("holds %s stale: %s", (cells, stale) => {
    expect(parsePrices(file("0,2,2,2,2,1", `1,${cells}`)).bars[1]!.stale).toBe(stale);
  });

  it("that knows no volumes has no stale bars", () => {
    const text = "date,open,high,low,close\n2020-01-01,2,2,2,2\n2020-01-02,2,2,2,2\n";
    expect(parsePrices(text).bars.map(({ stale }) => stale)).toEqual([false, false]);
  });

  it("loses rows that come late or twice, and counts them", () => {
    const { bars, dropped } = parsePrices(
      file("1,1,1,1,1,1", "2,1,1,1,1,1", "2,9,9,9,9,1", "1,9,9,9,9,1", "3,1,1,1,1,1"),
    );
    expect([bars.map(({ openMs }) => openMs), dropped]).toEqual([[1, 2, 3], 2]);
  });

  it.each([
    ["an unknown header", "time,price\n1,2", /line 1.*open_time_ms or date/],
    ["a word for a price", file("0,1,1,1,1,1", "1,1,x,1,1,1"), /line 3, high.*number.*"x"/],
    ["a cell that is missing", file("0,1,1,1,1,1", "1,1,1,1"), /line 3, close.*number/],
    ["a NaN", file("0,1,1,NaN,1,1"), /line 2, low/],
    ["an infinite price", file("0,1,Infinity,1,1,1"), /line 2, high/],
    ["a date that is none", "date,open,high,low,close\n2020-13-40,1,1,1,1", /line 2, date/],
    ["one row", file("0,1,1,1,1,1"), /at least two rows/],
    ["nothing", "", /line 1/],
  ])("with %s is refused by name and line", (_, text, message) => {
    expect(() => parsePrices(text)).toThrow(message);
    expect(() => parsePrices(text)).toThrow(/^malformed_file/);
  });
});
