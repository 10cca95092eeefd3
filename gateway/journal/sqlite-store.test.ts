/** The store on disk: what it keeps, seals and drops, and what of its files it refuses. */
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { chained, checkedChain } from "./frames.ts";
import {
  command,
  crashedCopy,
  filesOf,
  flipBit,
  newFolder,
  openStore,
  put,
  removeFolders,
  turnWriter,
  writtenJournal,
} from "./journal-files.test-kit.ts";
import type { SqliteStore } from "./sqlite-store.ts";
import type { Chain } from "./store.ts";
import { verifyJournal } from "./verify-journal.ts";

afterAll(removeFolders);

const seqs = (store: SqliteStore, chain: Chain, from = 1): number[] =>
  [...checkedChain(store.read(chain, from), from)].map(({ seq }) => seq);

/** Code and text of what opening or verifying a folder throws. */
function refusal(act: () => unknown): string {
  try {
    act();
    return "accepted";
  } catch (error) {
    return String(error);
  }
}

describe("a store", () => {
  it("gives back after a restart what was written, under its numbers", () => {
    const data = newFolder();
    const first = openStore(data);
    const turn = turnWriter(first.lineage);
    put(first, "account", [command(1), command(2)]);
    put(first, "turns", [turn()]);
    put(first, "account", [command(3)]);
    const { lineage } = first;
    first.close();
    const again = openStore(data);
    expect(again.lineage).toBe(lineage);
    expect([seqs(again, "account"), seqs(again, "turns")]).toEqual([[1, 2, 3], [1]]);
    put(again, "account", [command(4)]);
    expect(seqs(again, "account", 3)).toEqual([3, 4]);
    again.close();
    expect(filesOf(data)).not.toContain("journal.db-wal");
  });

  it("has after a crash what was committed, without a clean end", () => {
    const { store, data } = writtenJournal();
    const image = crashedCopy(data);
    store.close();
    expect(filesOf(image)).toContain("journal.db-wal");
    const again = openStore(image);
    expect([again.head("account").lastSeq, again.head("turns").lastSeq]).toEqual([60, 60]);
    expect(seqs(again, "turns", 15)).toEqual(Array.from({ length: 46 }, (_, i) => i + 15));
    again.close();
  });

  it("takes checkpoints as its log grows, and the checksums follow", () => {
    const data = newFolder();
    const store = openStore(data, { logBytesMax: 50_000 });
    for (let seq = 1; seq <= 100; seq++) put(store, "account", [command(seq, 3_000)]);
    expect(statSync(join(data, "journal.db")).size).toBeGreaterThan(250_000);
    const image = crashedCopy(data);
    store.close();
    expect([verifyJournal(image), verifyJournal(data)].map((of) => of.account.records)).toEqual([
      100, 100,
    ]);
  });

  it("keeps a gap of Turns as what it is", () => {
    const data = newFolder();
    const store = openStore(data);
    const turn = turnWriter(store.lineage);
    const turns = Array.from({ length: 9 }, turn);
    put(store, "turns", turns.slice(0, 3));
    const skip = { chain: "turns", firstSeq: 7, lastSeq: 6, body: new Uint8Array() } as const;
    store.commit([chained(skip, store.head("turns").hash)]);
    put(store, "turns", turns.slice(6));
    expect(seqs(store, "turns")).toEqual([1, 2, 3, 7, 8, 9]);
    store.close();
    expect(verifyJournal(data).turns).toMatchObject({ records: 6, lastSeq: 9, gaps: 1 });
  });

  it("is one gateway's at a time", () => {
    const data = newFolder();
    const store = openStore(data);
    expect(refusal(() => openStore(data))).toMatch(/^RiskError: in_use: .*another gateway\)$/);
    put(store, "account", [command(1)]);
    store.close();
    openStore(data).close();
  });
});

describe("segments of Turns", () => {
  const small = { segmentBytes: 100_000, bytes: 500_000, ageMs: 48 * 3_600_000 };

  it("are dropped whole beyond their bytes, and the rest still follows its anchor", () => {
    const data = newFolder();
    const store = openStore(data, { retention: small, logBytesMax: 20_000 });
    const turn = turnWriter(store.lineage, 5_000);
    for (let i = 0; i < 300; i++) put(store, "turns", [turn()]);
    const { firstSeq, lastSeq } = store.head("turns");
    expect([firstSeq > 150, lastSeq]).toEqual([true, 300]);
    expect(seqs(store, "turns", firstSeq)).toHaveLength(301 - firstSeq);
    store.close();
    const segments = filesOf(data).filter((name) => /turns.*\.db$/.test(name));
    const bytes = segments.reduce((sum, name) => sum + statSync(join(data, name)).size, 0);
    expect(bytes).toBeLessThan(650_000);
    expect(verifyJournal(data).turns).toMatchObject({ firstSeq, lastSeq: 300, gaps: 0 });
  });

  it("are dropped by age, and kept when a snapshot needs them", () => {
    const data = newFolder();
    let now = 0;
    const store = openStore(data, { now: () => now, retention: { ageMs: 10 * 3_600_000 } });
    const turn = turnWriter(store.lineage);
    store.keepTurns(1);
    const hours = (count: number) => {
      for (let i = 0; i < count; i++) {
        now += 3_600_001;
        put(store, "turns", [turn()]);
      }
    };
    hours(30);
    expect(store.head("turns").firstSeq).toBe(1);
    store.keepTurns(25);
    hours(10);
    expect(store.head("turns").firstSeq).toBe(25);
    store.keepTurns(40);
    hours(1);
    // The segment that was begun ten hours ago holds what came after.
    expect(store.head("turns").firstSeq).toBe(32);
    store.close();
  });

  it("that a crash left unlisted are not taken for part of the chain", () => {
    const { store, data } = writtenJournal();
    store.close();
    for (const ending of ["db", "pages"]) {
      copyFileSync(join(data, `turns/00000003.${ending}`), join(data, `turns/00000004.${ending}`));
    }
    openStore(data).close();
    expect(existsSync(join(data, "turns/00000004.db"))).toBe(false);
    expect(verifyJournal(data).turns.records).toBe(60);
  });
});

describe("a torn tail", () => {
  /** The folder before and after one more commit, each as a crash leaves it. */
  function images() {
    const { store, data } = writtenJournal();
    const before = crashedCopy(data);
    put(store, "account", [command(61, 6_000), command(62)]);
    const after = crashedCopy(data);
    store.close();
    const log = (folder: string) => join(folder, "journal.db-wal");
    return { before, log: log(before), whole: readFileSync(log(after)) };
  }

  it.each([1, 23, 24, 25, 4_119, 4_120, 4_121, 8_000])(
    "of %i bytes that were never acknowledged is passed over",
    (bytes) => {
      const { before, log, whole } = images();
      appendFileSync(log, whole.subarray(statSync(log).size).subarray(0, bytes));
      expect(verifyJournal(before).account.lastSeq).toBe(60);
      const store = openStore(before);
      put(store, "account", [command(61)]);
      store.close();
      expect(verifyJournal(before).account).toMatchObject({ records: 61, lastSeq: 61 });
    },
  );

  it("whose blocks never reached the disk is passed over", () => {
    const { before, log, whole } = images();
    const from = statSync(log).size;
    const block = Math.ceil(from / 4_096) * 4_096;
    writeFileSync(log, Buffer.from(whole).fill(0, block, block + 4_096));
    expect(verifyJournal(before).account.lastSeq).toBe(60);
    openStore(before).close();
  });

  it("that is a whole transaction with a wrong checksum is corruption", () => {
    const { before, log, whole } = images();
    const from = statSync(log).size;
    writeFileSync(log, whole);
    expect(verifyJournal(before).account.lastSeq).toBe(62);
    flipBit(log, 8 * (from + 24 + 100));
    const named = /^RiskError: corrupt: .*journal\.db-wal frame \d+ \(page \d+\): /;
    expect(refusal(() => verifyJournal(before))).toMatch(named);
    expect(refusal(() => openStore(before))).toMatch(named);
  });
});

describe("a power failure", () => {
  /** A block in the middle of a log that never reached the disk, with later ones that did. */
  const lose = (log: string) => {
    const bytes = readFileSync(log);
    writeFileSync(log, bytes.fill(0, 3 * 4_096, 4 * 4_096));
  };

  it("may take Turns, which nobody waited for, and leaves those before", () => {
    const { store, data } = writtenJournal();
    const image = crashedCopy(data);
    store.close();
    lose(join(image, "turns/00000003.db-wal"));
    const { turns, account } = verifyJournal(image);
    expect([account.lastSeq, turns.lastSeq < 60, turns.lastSeq >= 43]).toEqual([60, true, true]);
    const again = openStore(image);
    expect(again.head("turns").lastSeq).toBe(turns.lastSeq);
    again.close();
    expect(verifyJournal(image).turns.lastSeq).toBe(turns.lastSeq);
  });

  it("takes nothing of a command that was waited for: then it is corruption", () => {
    const { store, data } = writtenJournal();
    const image = crashedCopy(data);
    store.close();
    lose(join(image, "journal.db-wal"));
    expect(refusal(() => verifyJournal(image))).toMatch(/corrupt: .*journal\.db-wal frame 3/);
    expect(refusal(() => openStore(image))).toMatch(/corrupt: .*journal\.db-wal frame 3/);
  });
});

describe("files that are not what was written", () => {
  const version = (folder: string, file: string) => {
    const bytes = readFileSync(join(folder, file));
    bytes.writeUInt32BE(2, 60);
    writeFileSync(join(folder, file), bytes);
  };
  const cut = (folder: string, file: string, bytes: number) =>
    truncateSync(join(folder, file), statSync(join(folder, file)).size - bytes);
  const attacks: readonly (readonly [string, (folder: string) => void, RegExp])[] = [
    ["of a newer version", (of) => version(of, "journal.db"), /unsupported: .*newer slidewire/],
    ["without the account chain", (of) => rmSync(join(of, "journal.db")), /journal\.db/],
    ["without the log", (of) => rmSync(join(of, "journal.db-wal")), /corrupt: .*journal\.db/],
    ["without checksums", (of) => rmSync(join(of, "journal.pages")), /journal\.pages/],
    ["without a segment", (of) => rmSync(join(of, "turns/00000002.db")), /turns\/00000002\.db/],
    ["with a log cut by a commit", (of) => cut(of, "journal.db-wal", 4_120), /-wal: .*whole ones/],
    ["with a log cut to nothing", (of) => truncateSync(join(of, "journal.db-wal")), /journal\.db/],
    ["with a page cut off", (of) => cut(of, "journal.db", 4_096), /journal\.db: .* bytes/],
    ["with half a page cut off", (of) => cut(of, "journal.db", 2_048), /journal\.db: .* bytes/],
    [
      "with a page too many",
      (of) => appendFileSync(join(of, "journal.db"), Buffer.alloc(4_096)),
      /db/,
    ],
    [
      "with the checksums of another file",
      (of) => copyFileSync(join(of, "turns/00000001.pages"), join(of, "journal.pages")),
      /corrupt: .*journal\.db/,
    ],
    ["that are none", (of) => writeFileSync(join(of, "journal.db"), "hello"), /journal\.db/],
  ];

  it.each(attacks)("%s are refused by name, by reader and gateway alike", (_, attack, named) => {
    const { store, data } = writtenJournal();
    const image = crashedCopy(data);
    store.close();
    attack(image);
    expect(refusal(() => verifyJournal(image))).toMatch(named);
    expect(refusal(() => openStore(image))).toMatch(named);
  });
});
