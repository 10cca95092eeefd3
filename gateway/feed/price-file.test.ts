/** Price files, good and bad: what is read, and that every refusal names its line. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RiskError } from "../../core/errors.ts";
import { LINE_CHARACTERS_MAX, readPrices } from "./price-file.ts";
import { COLUMNS_MAX, type PriceRow } from "./price-row.ts";

const HEADER = "open_time_ms,open,high,low,close,volume";
const GOOD = `${HEADER}\n60000,10,12,9,11,5\n120000,11,11,11,11,0\n`;
const shared = new URL("../../../shared/data/", import.meta.url);

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slidewire-prices-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function put(content: string | Buffer, name = "prices.csv"): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, content);
  return file;
}

async function rowsOf(file: string): Promise<PriceRow[]> {
  const rows: PriceRow[] = [];
  for await (const block of readPrices(file)) rows.push(...block);
  return rows;
}

async function errorOf(file: string): Promise<RiskError> {
  const error = await rowsOf(file).then(
    () => expect.fail("it was read"),
    (thrown: unknown) => thrown,
  );
  if (error instanceof RiskError) return error;
  throw error;
}

describe("readPrices", () => {
  it("reads rows with their lines", async () => {
    expect(await rowsOf(await put(GOOD))).toEqual([
      { line: 2, openMs: 60_000, open: 10, high: 12, low: 9, close: 11, volume: 5 },
      { line: 3, openMs: 120_000, open: 11, high: 11, low: 11, close: 11, volume: 0 },
    ]);
  });

  it.each([
    ["without a last newline", GOOD.trimEnd()],
    ["with blank lines at the end", `${GOOD}\n\n`],
    ["with CRLF", GOOD.replaceAll("\n", "\r\n")],
    ["with a byte order mark", `\ufeff${GOOD}`],
    ["with capitals and spaces", GOOD.replace(HEADER, "Open_Time_ms, Open,High,Low,Close, Volume")],
    [
      "with other columns in another order",
      "note,volume,close,low,high,open,open_time_ms\nx,5,11,9,12,10,60000\ny,0,11,11,11,11,120000",
    ],
    [
      "with exponents and spaces around numbers",
      `${HEADER}\n60000, 1e1 ,12.0,9,11,5\n120000,11,11,11,11,0`,
    ],
  ])("reads a file %s alike", async (_, text) => {
    expect(await rowsOf(await put(text))).toEqual(await rowsOf(await put(GOOD, "good.csv")));
  });

  it("reads days", async () => {
    const text = "date,open,high,low,close,volume\n1950-01-03,1,1,1,1,1\n1950-01-04,1,1,1,1,1\n";
    const rows = await rowsOf(await put(text));
    expect(rows.map(({ openMs }) => new Date(openMs).toISOString().slice(0, 10))).toEqual([
      "1950-01-03",
      "1950-01-04",
    ]);
  });

  it("tells gzip by its content, whatever its name", async () => {
    const plain = await rowsOf(await put(GOOD));
    expect(await rowsOf(await put(gzipSync(GOOD), "zipped"))).toEqual(plain);
    expect(await rowsOf(await put(GOOD, "plain.csv.gz"))).toEqual(plain);
  });

  it("reads rows across the chunks of a file", async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `${i * 60_000},10,12,9,11,${i}`);
    const rows = await rowsOf(await put(gzipSync([HEADER, ...lines].join("\n"))));
    expect(rows.length).toBe(20_000);
    expect(
      rows.every(({ line, openMs, volume }, i) => {
        return line === i + 2 && openMs === i * 60_000 && volume === i;
      }),
    ).toBe(true);
  });

  const row = (text: string) => `${HEADER}\n60000,10,12,9,11,5\n${text}\n180000,1,1,1,1,1\n`;
  it.each([
    // what                               content                         line  path
    ["an empty file", "", 1, "file"],
    ["only a header", `${HEADER}\n`, 1, "file"],
    ["one row", `${HEADER}\n60000,10,12,9,11,5\n`, 2, "file"],
    ["a header of another file", "time_ms,funding_rate\n1,2\n", 1, "header"],
    ["a missing column", "open_time_ms,open,high,low,close\n1,1,1,1,1\n", 1, "volume"],
    ["a column twice", `${HEADER},open\n1,1,1,1,1,1,1\n`, 1, "open"],
    ["too many columns", `${HEADER}${",x".repeat(COLUMNS_MAX)}\n`, 1, "header"],
    ["rows without a header", "60000,10,12,9,11,5\n120000,11,11,11,11,0\n", 1, "header"],
    ["a field too few", row("120000,10,12,9,11"), 3, "row"],
    ["a field too many", row("120000,10,12,9,11,5,6"), 3, "row"],
    ["a blank line between rows", row(""), 3, "row"],
    ["an empty field", row("120000,10,,9,11,5"), 3, "high"],
    ["a word", row("120000,10,12,nine,11,5"), 3, "low"],
    ["a NaN", row("120000,NaN,12,9,11,5"), 3, "open"],
    ["an infinity", row("120000,10,Infinity,9,11,5"), 3, "high"],
    ["an overflow", row("120000,10,1e999,9,11,5"), 3, "high"],
    ["hex", row("120000,0x10,12,9,11,5"), 3, "open"],
    ["a digit separator", row("120000,10,12,9,1_1,5"), 3, "close"],
    ["quotes", row('120000,"10",12,9,11,5'), 3, "open"],
    ["a decimal comma", row("120000;10;12;9;11;5"), 3, "row"],
    ["a price of 0", row("120000,0,12,0,11,5"), 3, "open"],
    ["a price below 0", row("120000,10,12,-37.63,11,5"), 3, "low"],
    ["a price above 1e12", row("120000,10,1e13,9,11,5"), 3, "high"],
    ["a volume below 0", row("120000,10,12,9,11,-5"), 3, "volume"],
    ["a high below the close", row("120000,10,10.5,9,11,5"), 3, "high"],
    ["a low above the open", row("120000,10,12,10.5,11,5"), 3, "low"],
    ["a time that is not whole", row("120000.5,10,12,9,11,5"), 3, "open_time_ms"],
    ["a time beyond dates", row("9999999999999999,10,12,9,11,5"), 3, "open_time_ms"],
    ["a time twice", row("60000,10,12,9,11,5"), 3, "open_time_ms"],
    ["a time that runs back", row("59999,10,12,9,11,5"), 3, "open_time_ms"],
    ["bars shorter than a second", row("60999,10,12,9,11,5"), 3, "open_time_ms"],
    ["a line that is too long", row(`1${"0".repeat(LINE_CHARACTERS_MAX)},1,1,1,1,1`), 3, "row"],
    ["a binary file", Buffer.from(Array.from({ length: 4_000 }, (_, i) => (i * 73) % 256)), 1, ""],
    ["UTF-16", Buffer.from(`\ufeff${GOOD}`, "utf16le"), 1, "header"],
    ["gzip that is cut short", gzipSync(row("120000,1,1,1,1,1")).subarray(0, 60), 2, "file"],
    ["gzip that is corrupt", corrupt(gzipSync(row("120000,1,1,1,1,1"))), 1, ""],
  ] as const)("refuses %s", async (_, content, line, path) => {
    const error = await errorOf(await put(content));
    expect(error.code).toBe("malformed_file");
    expect(error.detail.line).toBe(line);
    if (path !== "") expect(error.detail.path).toBe(path);
    expect(error.detail.expected).toBeTruthy();
    expect(error.detail.found).toBeTruthy();
    expect(error.message).not.toContain("\n");
  });

  it("names the line of a gzip file that breaks off halfway", async () => {
    const lines = Array.from({ length: 50_000 }, (_, i) => `${i * 60_000},1,1,1,1,${i * 7919}`);
    const whole = gzipSync([HEADER, ...lines].join("\n"));
    const error = await errorOf(await put(whole.subarray(0, whole.length / 2)));
    expect(error.code).toBe("malformed_file");
    expect(error.detail.expected).toBe("a whole gzip stream");
    expect(error.detail.line).toBeGreaterThan(5_000);
  });

  it("refuses days that do not exist", async () => {
    const text = "date,open,high,low,close,volume\n2024-02-30,1,1,1,1,1\n";
    const error = await errorOf(await put(text));
    expect(error.detail).toMatchObject({ line: 2, path: "date", found: '"2024-02-30"' });
  });

  it("holds no more of an endless line than its limit and a chunk", async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, 0x31));
    const before = process.memoryUsage().rss;
    const error = await errorOf(await put(bomb));
    expect(error.detail.expected).toBe(`at most ${LINE_CHARACTERS_MAX} characters`);
    expect(process.memoryUsage().rss - before).toBeLessThan(40_000_000);
  });

  it.each([
    ["no file", "nowhere.csv", "ENOENT"],
    ["a folder", "folder", "a folder"],
    ["a device", "/dev/zero", "no plain file"],
  ])("calls %s unreadable", async (_, name, found) => {
    await mkdir(join(folder, "folder"), { recursive: true });
    const file = name.startsWith("/") ? name : join(folder, name);
    const error = await errorOf(file);
    expect(error.code).toBe("unreadable_file");
    expect(error.detail).toEqual({ path: file, expected: "a file", found });
  });

  it("calls a pipe unreadable instead of waiting for a writer", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    expect((await errorOf(pipe)).detail.found).toBe("no plain file");
  });

  it("closes the file when its reader stops early", async () => {
    const file = await put(GOOD);
    await put("nonsense", "bad.csv");
    const before = await descriptor(file);
    for (let i = 0; i < 50; i++) for await (const _ of readPrices(file)) break;
    for (let i = 0; i < 50; i++) await errorOf(join(folder, "bad.csv"));
    expect(await descriptor(file)).toBe(before);
  });
});

describe.skipIf(!existsSync(shared))("real files (only beside the shared price data)", () => {
  it.each([
    ["btcusd_bitstamp_2h_2012_2025.csv.gz", 59_839],
    ["spx_1d_1950_2020.csv.gz", 17_687],
  ])("reads %s", async (name, rows) => {
    const began = performance.now();
    expect((await rowsOf(new URL(name, shared).pathname)).length).toBe(rows);
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it("refuses the dirty file at its first step back", async () => {
    const error = await errorOf(new URL("btcusd_bitfinex_1m_2016_raw.csv.gz", shared).pathname);
    expect(error.body()).toEqual({
      code: "malformed_file",
      kind: "client",
      line: 1_003,
      path: "open_time_ms",
      expected: "at least 1 s after 2016-02-10T13:36:00.000Z",
      found: "2016-02-10T13:32:00.000Z",
    });
  });
});

/** The stream with one byte of its body turned over. */
function corrupt(zipped: Buffer): Buffer {
  const broken = Buffer.from(zipped);
  broken[20] = (broken[20] ?? 0) ^ 0xff;
  return broken;
}

/** The lowest descriptor that is free: it rises when somebody forgot to close one. */
async function descriptor(file: string): Promise<number> {
  const handle = await open(file);
  const { fd } = handle;
  await handle.close();
  return fd;
}
