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

  it("loses rows that come late or twice, and counts them apart", () => {
    const { bars, tally } = parsePrices(
      file("1,1,1,1,1,1", "2,1,1,1,1,1", "2,9,9,9,9,1", "1,9,9,9,9,1", "3,1,1,1,1,1"),
    );
    expect(bars.map(({ openMs, high }) => [openMs, high])).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
    expect(tally).toEqual({ rows: 5, repeated: 1, late: 1, mended: 0 });
  });

  it.each([
    ["a high below the close", "2,2,1,3,1"],
    ["a low above the open", "1,3,2,3,1"],
    ["high and low the wrong way round", "2,1,3,2,1"],
  ])("counts a row with %s, and keeps it", (_, cells) => {
    const { bars, tally } = parsePrices(file("0,2,2,2,2,1", `1,${cells}`));
    expect([bars.length, tally.mended]).toEqual([2, 1]);
  });

  it("takes dates with a time of day, as UTC, and a byte order mark", () => {
    const text =
      "\ufeffdate,open,high,low,close\n2020-01-01 02:00,1,1,1,1\n2020-01-01T03:00:00Z,1,1,1,1\n";
    const times = parsePrices(text).bars.map(({ openMs }) => new Date(openMs).toISOString());
    expect(times).toEqual(["2020-01-01T02:00:00.000Z", "2020-01-01T03:00:00.000Z"]);
  });

  it.each([
    ["an unknown header", "time,price\n1,2", /line 1.*open_time_ms or date/],
    ["no column of closes", "date,open,high,low,volume\n2020-01-01,1,1,1,1", /line 1, close/],
    ["a column twice", "date,open,high,low,close,close\n2020-01-01,1,1,1,1,1", /close.*once/],
    ["more cells than columns", file("0,1,1,1,1,1", "1,1,1,1,1,1,1"), /line 3.*6 cells.*7/],
    ["hex for a price", file("0,1,0x10,1,1,1"), /line 2, high.*number/],
    ["a price beyond all prices", file("0,1,1e16,1,1,1"), /line 2, high.*up to/],
    ["a volume below 0", file("0,1,1,1,1,-1"), /line 2, volume.*at least 0/],
    ["a word for a volume", file("0,1,1,1,1,many"), /line 2, volume.*number/],
    ["30 February", "date,open,high,low,close\n2020-02-30,1,1,1,1", /line 2, date/],
    ["a time that is no whole ms", file("0.5,1,1,1,1,1"), /line 2, open_time_ms.*whole ms/],
    ["a date years ahead", file("0,1,1,1,1,1", "99999999999999,1,1,1,1,1"), /line 3.*366 days/],
    [
      "rows from new to old",
      file("4,1,1,1,1,1", "3,1,1,1,1,1", "2,1,1,1,1,1", "1,1,1,1,1,1"),
      /oldest first.*3 of 4 rows/,
    ],
    ["two rows of one time", file("1,1,1,1,1,1", "1,1,1,1,1,1"), /at least two rows/],
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
