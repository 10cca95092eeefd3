/** What the journal verb says of good and of broken journals, and with which exit code. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import {
  crashedCopy,
  flipBit,
  newFolder,
  openStore,
  removeFolders,
  writtenJournal,
} from "../journal/journal-files.test-kit.ts";
import { readFlags } from "./flags.ts";
import { journalVerb } from "./journal.ts";

afterAll(removeFolders);
afterEach(() => vi.restoreAllMocks());

const { store, data } = writtenJournal();
afterAll(() => store.close());

/** Runs the verb with what it prints taken down. */
async function run(...args: string[]) {
  let [out, err] = ["", ""];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    err += String(text);
    return true;
  });
  try {
    const code = await journalVerb.run(readFlags(journalVerb, args, {}));
    return { code, out, err };
  } finally {
    vi.restoreAllMocks();
  }
}

describe("journal verify", () => {
  it("says counts and heads of a good journal, while a gateway holds it", async () => {
    const { code, out, err } = await run("verify", data, "--json");
    expect([code, err]).toEqual([0, ""]);
    expect(JSON.parse(out)).toMatchObject({
      ok: true,
      lineage: store.lineage,
      account: { records: 60, firstSeq: 1, lastSeq: 60 },
      turns: { records: 60, lastSeq: 60, segments: 3, gaps: 0 },
      snapshots: { count: 0, newestSeq: 0 },
    });
    const plain = await run("verify", data);
    const head = Buffer.from(store.head("account").hash).toString("hex");
    expect(plain.out).toContain(`account  60 commands, to 60, head ${head}\n`);
  });

  it.each([
    ["journal.db", 9_000, /journal\.db page 3$/],
    ["journal.db-wal", 5_000, /journal\.db-wal frame 2 \(page \d+\)$/],
    ["journal.pages", 20, /journal\.pages block 1$/],
    ["turns/00000001.db", 5_000, /turns\/00000001\.db page 2$/],
  ])("names what is broken in %s and leaves with 3", async (file, byte, named) => {
    const image = crashedCopy(data);
    flipBit(join(image, file), 8 * byte);
    const { code, out, err } = await run("verify", image, "--json");
    expect([code, out]).toEqual([3, ""]);
    const { error } = JSON.parse(err);
    expect(error).toMatchObject({ code: "corrupt", kind: "client" });
    expect(error.path).toMatch(named);
    expect(error.path.startsWith(image)).toBe(true);
    const plain = await run("verify", image);
    expect(plain.err).toMatch(/^slidewire: corrupt: [^\n]+\n$/);
  });

  it.each(["journal.db", "journal.pages"])("leaves with 3 when %s is missing", async (file) => {
    const image = crashedCopy(data);
    rmSync(join(image, file));
    const { code, err } = await run("verify", image, "--json");
    expect([code, JSON.parse(err).error.path]).toEqual([3, join(image, file)]);
  });

  it("leaves with 3 and the name of a snapshot that is broken", async () => {
    const image = crashedCopy(data);
    const snapshot = join(image, "snapshots", "snapshot-0000000000000007.bin");
    mkdirSync(join(image, "snapshots"));
    writeFileSync(snapshot, "SLIDEWSN");
    const { code, out, err } = await run("verify", image, "--json");
    expect([code, out, JSON.parse(err).error.path]).toEqual([3, "", snapshot]);
  });

  it("does not take a folder without a journal for a good one", async () => {
    await expect(run("verify", newFolder())).rejects.toMatchObject({ code: "unreadable_file" });
  });
});

describe("journal inspect", () => {
  it("shows heads, segments and files", async () => {
    const { out } = await run("inspect", data, "--json");
    const shown = JSON.parse(out);
    expect(shown).toMatchObject({ format: 1, account: { lastSeq: 60 }, turns: { lastSeq: 60 } });
    expect(shown.segments.map(({ firstSeq }: { firstSeq: number }) => firstSeq)).toEqual([
      1, 23, 43,
    ]);
    expect(shown.files.map(({ file }: { file: string }) => file)).toContain(
      "turns/00000003.db-wal",
    );
    expect((await run("inspect", data)).out).toContain("account  commands 1 to 60, head ");
  });
});

describe("journal export", () => {
  it("writes every record as a line, commands first", async () => {
    const lines = (await run("export", data)).out.trimEnd().split("\n");
    const records = lines.map((line) => JSON.parse(line));
    expect(records).toHaveLength(120);
    expect(records[59]).toMatchObject({ chain: "account", seq: 60, command: { of: 60 } });
    expect(records[60]).toMatchObject({ chain: "turns", seq: 1, turn: { seq: 1, at: 1 } });
  });
});

describe("journal backup", () => {
  it("makes a folder that a gateway can start from", async () => {
    const to = join(newFolder(), "copy");
    const { code, out } = await run("backup", data, to, "--json");
    expect([code, JSON.parse(out).account.lastSeq]).toEqual([0, 60]);
    const copy = openStore(to);
    expect([copy.lineage, copy.head("turns").lastSeq]).toEqual([store.lineage, 60]);
    copy.close();
    await expect(run("backup", data, to)).rejects.toMatchObject({ code: "unreadable_file" });
    expect(existsSync(join(to, "journal.db-wal"))).toBe(false);
  });
});

describe("the journal verb", () => {
  it.each([
    ["look", data],
    ["verify", data, "more"],
    ["backup", data],
  ])("does not know %s %s %s", async (...args) => {
    await expect(run(...args.filter((arg) => arg !== undefined))).rejects.toMatchObject({
      code: "unknown_command",
    });
  });
});
