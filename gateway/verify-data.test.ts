/** A data folder whose journal is whole is not whole when a snapshot in it is not. */
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { SNAPSHOT_FOLDER } from "./data-folder.ts";
import { openFolder } from "./journal/folder.ts";
import {
  crashedCopy,
  flipBit,
  removeFolders,
  writtenJournal,
} from "./journal/journal-files.test-kit.ts";
import { goldenAfter } from "./journal/snapshot.test-kit.ts";
import { openSnapshots, snapshotName } from "./journal/snapshots.ts";
import { verifyData } from "./verify-data.ts";

afterAll(removeFolders);

const { store, data } = writtenJournal();
afterAll(() => store.close());

/** A copy of the folder with snapshots after the Turns 2 and 3. */
async function snapped(change: { lineage?: string; commands?: number } = {}): Promise<string> {
  const image = crashedCopy(data);
  const snapshots = openSnapshots(openFolder(join(image, SNAPSHOT_FOLDER)));
  for (const seq of [2, 3]) {
    const { state, regimes } = goldenAfter(seq);
    const of = { lineage: store.lineage, commands: 5, ...(seq === 2 ? change : {}) };
    await snapshots.take({ state: { ...state, ...of }, regimes });
  }
  return image;
}

const older = (image: string) => join(image, SNAPSHOT_FOLDER, snapshotName(2));

describe("verifying a data folder", () => {
  it("counts the snapshots and names the Turn of the newest", async () => {
    expect(verifyData(await snapped())).toMatchObject({
      lineage: store.lineage,
      account: { records: 60 },
      snapshots: { count: 2, newestSeq: 3 },
    });
    expect(verifyData(data).snapshots).toEqual({ count: 0, newestSeq: 0 });
  });

  it.each([
    ["has a flipped bit", (path: string) => flipBit(path, 8 * 400), /SHA-256/],
    ["is cut", (path: string) => truncateSync(path, 300), /300 bytes/],
    ["is empty", (path: string) => truncateSync(path, 0), /0 bytes/],
    ["is of another version", (path: string) => laterVersion(path), /of a newer Slidewire/],
    [
      "is another's under its name",
      (path: string) => copyFileSync(path.replace(/2\.bin$/, "3.bin"), path),
      /after turn 3/,
    ],
  ])("names a snapshot that %s, though it is not the newest", async (_, spoil, found) => {
    const image = await snapped();
    spoil(older(image));
    expect(() => verifyData(image)).toThrow(/^corrupt: /);
    expect(() => verifyData(image)).toThrow(older(image));
    expect(() => verifyData(image)).toThrow(found);
  });

  it.each([
    ["of another lineage", { lineage: "0f".repeat(16) }, "lineage"],
    ["with more commands than the journal has", { commands: 61 }, "61"],
  ])("names a snapshot %s", async (_, change, found) => {
    const image = await snapped(change);
    expect(() => verifyData(image)).toThrow(/^corrupt: /);
    expect(() => verifyData(image)).toThrow(older(image));
    expect(() => verifyData(image)).toThrow(found);
  });

  it("takes no other file in the folder for a snapshot", async () => {
    const image = await snapped();
    writeFileSync(`${older(image)}.wrong`, "put aside");
    mkdirSync(join(image, SNAPSHOT_FOLDER, "more"));
    expect(verifyData(image).snapshots.count).toBe(2);
  });

  it.each(["journal.db", "journal.pages", "turns/00000001.pages", "turns/00000003.pages"])(
    "names %s when it is missing",
    (name) => {
      const image = crashedCopy(data);
      rmSync(join(image, name));
      expect(() => verifyData(image)).toThrow(/^corrupt: .*no such file/);
      expect(() => verifyData(image)).toThrow(join(image, name));
    },
  );
});

function laterVersion(path: string): void {
  const bytes = readFileSync(path);
  bytes.writeUInt32LE(99, 8);
  writeFileSync(path, bytes);
}
