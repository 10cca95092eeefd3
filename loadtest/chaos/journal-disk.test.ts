/** Disks that are full, or that may only be read. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openJournal } from "../../gateway/journal/journal.ts";
import { removeFolders, smallDisk, until, wrongAfter } from "./journal.test-kit.ts";
import { commandOf, turnsAfter } from "./journal-records.ts";

const disk = smallDisk(8);
const noDisk = disk === undefined ? " (skipped: mounting is refused here)" : "";

afterAll(() => {
  disk?.unmount();
  removeFolders();
});

describe("a journal on a full disk", () => {
  it.skipIf(disk === undefined)(
    `refuses commands, keeps Turns, and goes on when there is space${noDisk}`,
    async () => {
      const data = join(disk!.path, "data");
      const ballast = join(disk!.path, "ballast");
      writeFileSync(ballast, new Uint8Array(5 * 1024 * 1024));
      const journal = await openJournal(data);
      const rung: string[] = [];
      journal.onState(({ state }) => rung.push(state));
      const { account, turns } = journal;
      const turn = await turnsAfter(turns, journal.lineage);
      const acknowledged: number[] = [];
      const append = async (seq: number) => {
        await account.append([commandOf(seq)], seq);
        acknowledged.push(seq);
      };
      let code = "";
      for (let seq = 1; code === "" && seq < 20_000; seq++) {
        await append(seq).catch((error) => {
          code = error.code;
        });
        turns.append([turn()], turns.lastSeq() + 1);
      }
      expect([code, journal.state().state, rung]).toEqual(["journal_full", "full", ["full"]]);
      for (let i = 0; i < 50; i++) turns.append([turn()], turns.lastSeq() + 1);
      await expect(append(account.lastSeq() + 1)).rejects.toMatchObject({ code: "journal_full" });
      expect(wrongAfter(data, acknowledged)).toEqual([]);
      rmSync(ballast);
      expect(await until(() => journal.state().state === "open")).toBe(true);
      await append(account.lastSeq() + 1);
      const last = turns.lastSeq();
      await journal.close();
      expect(wrongAfter(data, acknowledged)).toEqual([]);
      const again = await openJournal(data);
      expect([again.turns.lastSeq(), again.account.lastSeq()]).toEqual([last, acknowledged.length]);
      await again.close();
    },
    60_000,
  );

  it.skipIf(disk === undefined)(
    `that may only be read is refused by name${noDisk}`,
    async () => {
      expect(disk!.remount("ro")).toBe(true);
      const data = join(disk!.path, "data");
      await expect(openJournal(data)).rejects.toMatchObject({
        code: "unreadable_file",
        detail: { path: data, found: "EROFS" },
      });
      expect(wrongAfter(data, [1])).toEqual([]);
      expect(disk!.remount("rw")).toBe(true);
    },
    60_000,
  );
});
