/** Ten rounds of `kill -9` (SLIDEWIRE_ROUNDS), ten of SIGSTOP, and a reader beside a writer. */
import { afterAll, describe, expect, it } from "vitest";
import { verifyJournal } from "../../gateway/journal/verify-journal.ts";
import {
  newFolder,
  pause,
  removeFolders,
  startWriter,
  until,
  wrongAfter,
} from "./journal.test-kit.ts";

const ROUNDS = Number(process.env["SLIDEWIRE_ROUNDS"] ?? 10);

afterAll(removeFolders);

describe("a journal whose writer is killed in the middle of a batch", () => {
  it(`holds every acknowledged command, once, in order, in each of ${ROUNDS} rounds`, async () => {
    const data = newFolder();
    let kept = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const writer = startWriter({ data, lanes: 100, count: 1_000_000 });
      const found = await writer.opened;
      expect(found).toBeGreaterThanOrEqual(kept);
      await until(() => writer.acknowledged.length > 200);
      await pause(Math.floor(Math.random() * 200));
      writer.process.kill("SIGKILL");
      await writer.ended;
      expect(wrongAfter(data, writer.acknowledged)).toEqual([]);
      kept = Math.max(kept, ...writer.acknowledged.slice(-1_000));
    }
    expect(kept).toBeGreaterThan(2_000);
  }, 900_000);
});

describe("a journal whose writer is stopped and continued", () => {
  it("goes on where it was", async () => {
    const data = newFolder();
    const writer = startWriter({ data, lanes: 100, count: 1_000_000 });
    await writer.opened;
    for (let round = 0; round < 10; round++) {
      writer.process.kill("SIGSTOP");
      await pause(100);
      // What was acknowledged is on disk, also while nobody writes.
      if (round % 3 === 0) expect(wrongAfter(data, writer.acknowledged)).toEqual([]);
      const before = writer.acknowledged.length;
      writer.process.kill("SIGCONT");
      expect(await until(() => writer.acknowledged.length > before)).toBe(true);
    }
    writer.process.kill("SIGKILL");
    await writer.ended;
    expect(wrongAfter(data, writer.acknowledged)).toEqual([]);
  }, 120_000);
});

describe("a journal that is verified while it is written", () => {
  it("is found good every time", async () => {
    const data = newFolder();
    const writer = startWriter({ data, lanes: 20, count: 1_000_000 });
    await writer.opened;
    const counts: number[] = [];
    for (let i = 0; i < 20; i++) {
      counts.push(verifyJournal(data).account.records);
      await pause(20);
    }
    writer.process.kill("SIGKILL");
    await writer.ended;
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(counts.at(-1)).toBeGreaterThan(counts[0]!);
  }, 120_000);
});
