/** Tests of `slidewire study`: what it takes, what it writes, and how it refuses. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import { studyShape } from "../../config/schema/study.ts";
import { check } from "../../core/check.ts";
import { readFlags } from "./flags.ts";
import { studyVerb } from "./study.ts";

const HOUR_MS = 3_600_000;
const folder = mkdtempSync(join(tmpdir(), "study-"));
const path = (name: string): string => join(folder, name);
const put = (name: string, content: string | Uint8Array): string => {
  writeFileSync(path(name), content);
  return path(name);
};

/** A wandering price in two-hour rows, a year and a bit of it. */
const rows = Array.from({ length: 12 * 440 }, (_, i) => {
  const price = (at: number) => 100 + 9 * Math.sin(at / 40) + 4 * Math.sin(at / 3.1);
  const [open, close] = [price(i), price(i + 1)];
  const [high, low] = [Math.max(open, close) + 0.2, Math.min(open, close) - 0.2];
  return `${Date.UTC(2021, 0) + 2 * HOUR_MS * i},${open},${high},${low},${close},5`;
});
const HEADER = "open_time_ms,open,high,low,close,volume";
const csv = [HEADER, ...rows].join("\n");
const file = put("prices.csv", csv);

async function run(...args: string[]): Promise<string> {
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  try {
    await studyVerb.run(readFlags(studyVerb, args, {}));
    return write.mock.calls.map(([text]) => String(text)).join("");
  } finally {
    write.mockRestore();
  }
}
describe("slidewire study", () => {
  it("answers with --json in its published shape, packed or not", async () => {
    const plain = await run(file, "--json");
    expect(check(studyShape, JSON.parse(plain))).toMatchObject({ barMs: 2 * HOUR_MS });
    expect(await run(put("packed.bin", gzipSync(csv)), "--json")).toBe(plain);
  });

  it("says the same for people, with what there is to remark", async () => {
    const text = await run(file);
    expect(text).toMatch(/\nslidewire +\d+ +\d+\.\d\d/);
    expect(text).toMatch(/\nablation +x/);
    expect(text).toContain("The kurtosis term changes the tick loss by");
  });

  it("says which asset class it took where none was named", async () => {
    const remark = "No --asset-class was given: the terms of crypto were taken.";
    expect(await run(file)).toContain(remark);
    expect(await run(file)).toMatch(/^terms of crypto, version /);
    const { assetClass, remarks } = JSON.parse(await run(file, "--json"));
    expect([assetClass, remarks[0]]).toEqual(["crypto", remark]);
    const named = await run(file, "--asset-class", "commodity");
    expect(named).toMatch(/^terms of commodity, version /);
    expect(named).not.toContain("No --asset-class");
    expect(await run(file, "--terms", "commodity")).not.toContain("No --asset-class");
  });

  it("has no phases where a day is one bar", async () => {
    const daily = rows.filter((_, i) => i % 12 === 0);
    const name = put("daily.csv", [HEADER, ...daily].join("\n"));
    const document = JSON.parse(await run(name, "--json"));
    expect(check(studyShape, document)).toMatchObject({ barsPerDay: 1 });
    for (const row of [...document.rows, ...document.ablation])
      expect(row.phases).toEqual({ meanX: null, medianPof: null, minPof: null });
    await run(name, "--html", path("daily.html"));
    expect(readFileSync(path("daily.html"), "utf8")).not.toContain("null");
  });

  it("sets several terms side by side, each by its name", async () => {
    const calm = put("calm.json", '{"scale": {"damping": 0.2}}');
    const flags = ["--terms", "crypto", "--terms", calm, "--terms", "equity", "--json"];
    const { rows: all, terms } = JSON.parse(await run(file, ...flags));
    const named = (name: string) => all.find((row: { name: string }) => row.name === name);
    expect(terms.map(({ name }: { name: string }) => name)).toEqual(["crypto", "calm", "equity"]);
    expect(named("slidewire:crypto")).toEqual({ ...named("slidewire"), name: "slidewire:crypto" });
    expect(named("slidewire:calm").meanRange).not.toBe(named("slidewire").meanRange);
    expect(named("slidewire:equity").windows).toBe(named("slidewire").windows);
    const alone = JSON.parse(await run(file, "--terms", calm, "--json"));
    expect(alone.rows[0]).toEqual({ ...named("slidewire:calm"), name: "slidewire" });
    expect(alone.termsVersion).toMatch(/\+calm$/);
  });

  it("gives sets of one name different names", async () => {
    const flags = ["--terms", "crypto", "--terms", "crypto", "--json"];
    const { terms } = JSON.parse(await run(file, ...flags));
    expect(terms.map(({ row }: { row: string }) => row)).toEqual([
      "slidewire:crypto",
      "slidewire:crypto-2",
    ]);
  });

  it("writes the series, a line for each row, and the report", async () => {
    await run(file, "--series", path("series.csv"), "--html", path("report.html"), "--json");
    const lines = readFileSync(path("series.csv"), "utf8").trimEnd().split("\n");
    expect(lines[0]).toBe(
      "close_ms,target,initial,maintenance,k,sigmaFast,sigmaSlow,tau,kurtFactor,volScale",
    );
    expect(lines.length).toBe(rows.length + 1);
    expect(readFileSync(path("report.html"), "utf8")).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
  });

  it.each([
    ["no such file", [path("none.csv")], /unreadable_file.*ENOENT/],
    ["a folder", [folder], /unreadable_file.*no plain file/],
    ["a broken gzip", [put("broken.gz", Uint8Array.of(0x1f, 0x8b, 8, 0, 1, 2))], /unreadable_file/],
    ["an empty file", [put("empty.csv", "")], /malformed_file: .*line 1/],
    ["one row", [put("one.csv", `${HEADER}\n${rows[0]}`)], /malformed_file.*at least two rows/],
    ["a column that is missing", [put("less.csv", "date,open,high,low\n1,1,1,1")], /line 1, close/],
    ["an asset class that is none", [file, "--asset-class", "coin"], /--asset-class.*crypto/],
    ["terms that are none", [file, "--terms", "fast"], /unknown_terms: --terms.*crypto/],
    [
      "a parameter out of bounds",
      [file, "--terms", put("wild.json", '{"scale": {"damping": 1.5}}')],
      /out_of_bounds: .*wild\.json\.scale\.damping.*0\.2.*1.*1\.5/,
    ],
    ["a date that is none", [file, "--test-from", "2021-02-30"], /out_of_bounds: --test-from/],
    ["a test before its history", [file, "--test-from", "2021-01-20"], /out_of_bounds: testFrom/],
    [
      "a file of eight days",
      [put("short.csv", [HEADER, ...rows.slice(0, 100)].join("\n"))],
      /out_of_bounds: bars.*37 days at least.*too short: 8\.3 days/,
    ],
    [
      "a file without a whole day after its history",
      [put("thin.csv", [HEADER, ...rows.slice(0, 12 * 30), ...rows.slice(4000, 4006)].join("\n"))],
      /out_of_bounds: bars.*no whole day after that/,
    ],
    [
      "the challenger's scale without its coefficients",
      [file, "--terms", put("har.json", '{"scale": {"estimator": "har"}}')],
      /unsupported: .*scale\.estimator.*damped.*coefficients/,
    ],
    [
      "terms that say two things of one parameter",
      [file, "--terms", put("both.json", '{"scale": {"damping": 0.3}, "scale.damping": 0.4}')],
      /terms_invalid: .*scale\.damping.*0\.3 and 0\.4/,
    ],
    ["a report where none can be", [file, "--html", join(folder, "no", "x")], /unreadable_file/],
    ["more terms than fit", [file, ...Array(13).fill("--terms=crypto")], /limit_exceeded: --terms/],
  ])("refuses %s", async (_, args, message) => {
    await expect(run(...args)).rejects.toThrow(message);
  });
});
