/** The journal in its thread: appended to, read back, refused, closed and opened again. */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openJournal } from "./journal.ts";
import {
  command,
  crashedCopy,
  flipBit,
  newFolder,
  openStore,
  put,
  removeFolders,
  turnWriter,
  writtenJournal,
} from "./journal-files.test-kit.ts";
import type { OrderedList } from "./list.ts";
import { verifyJournal } from "./verify-journal.ts";

afterAll(removeFolders);

async function seqs(list: OrderedList, from = 1): Promise<number[]> {
  const found: number[] = [];
  for await (const { seq } of list.read(from)) found.push(seq);
  return found;
}

describe("a journal in its thread", () => {
  it("answers appends when they are on disk, and reads more than one answer holds", async () => {
    const data = newFolder();
    const journal = await openJournal(data);
    const { account, turns, lineage } = journal;
    const turn = turnWriter(lineage);
    const large = 900_000;
    const appends = Array.from({ length: 30 }, (_, i) => {
      turns.append([turn()], i + 1);
      return account.append([command(i + 1, large)], i + 1);
    });
    await Promise.all(appends);
    expect(account.lastSeq()).toBe(30);
    expect(verifyJournal(data).account.lastSeq).toBe(30);
    expect(await seqs(account)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    expect(await seqs(account, 28)).toEqual([28, 29, 30]);
    await journal.close();
    const again = await openJournal(data);
    expect([again.lineage, again.account.lastSeq(), again.turns.lastSeq()]).toEqual([
      lineage,
      30,
      30,
    ]);
    expect(await seqs(again.turns, 29)).toEqual([29, 30]);
    await again.close();
  });

  it("goes on behind Turns that were never written", async () => {
    const data = newFolder();
    const journal = await openJournal(data);
    journal.skipTurns(8);
    const turn = turnWriter(journal.lineage);
    const written = Array.from({ length: 8 }, turn);
    journal.turns.append(written.slice(7), 8);
    await journal.close();
    expect(verifyJournal(data).turns).toMatchObject({ records: 1, firstSeq: 8, lastSeq: 8 });
    const again = await openJournal(data);
    expect(await seqs(again.turns)).toEqual([8]);
    await again.close();
  });

  it("is refused by code and name when the folder is in use, or broken", async () => {
    const { store, data } = writtenJournal();
    await expect(openJournal(data)).rejects.toMatchObject({ code: "in_use" });
    const image = crashedCopy(data);
    store.close();
    flipBit(join(image, "journal.db-wal"), 8 * 9_000);
    await expect(openJournal(image)).rejects.toMatchObject({
      code: "corrupt",
      detail: { path: expect.stringMatching(/journal\.db-wal frame 3 /) },
    });
  });

  it("names what is broken of the Turns when they are read, and gives the commands", async () => {
    const { store, data } = writtenJournal();
    const path = join(data, "turns/00000001.db");
    store.close();
    const journal = await openJournal(data);
    const bytes = readFileSync(path);
    bytes[bytes.length - 100]! ^= 1;
    writeFileSync(path, bytes);
    await expect(seqs(journal.turns)).rejects.toMatchObject({ code: "corrupt" });
    expect((await seqs(journal.account)).length).toBe(60);
    await journal.close();
  });
});

describe("the checksums of pages", () => {
  it("are written anew when they have grown, and say the same", () => {
    const data = newFolder();
    const store = openStore(data, { logBytesMax: 200_000 });
    let most = 0;
    for (let seq = 1; seq <= 2_500; seq++) {
      put(store, "account", [command(seq)]);
      most = Math.max(most, statSync(join(data, "journal.pages")).size);
    }
    expect(statSync(join(data, "journal.pages")).size).toBeLessThan(most);
    expect(most).toBeLessThan(100_000);
    const image = crashedCopy(data);
    store.close();
    expect(verifyJournal(image).account.records).toBe(2_500);
    flipBit(join(image, "journal.pages"), 8 * 5_000);
    expect(() => verifyJournal(image)).toThrow(/corrupt: .*journal\.pages block \d+:/);
  });
});
