/** Processes that are ended in the middle of writing: nothing that was acknowledged is lost. */
import { afterAll, describe, expect, it } from "vitest";
import {
  newFolder,
  pause,
  removeFolders,
  startWriter,
  until,
  wrongAfter,
} from "./journal.test-kit.ts";

afterAll(removeFolders);

describe("a journal whose writer is killed in the middle of a batch", () => {
  it("holds every acknowledged command, once, in order, in each of 3 rounds", async () => {
    const data = newFolder();
    for (let round = 0; round < 3; round++) {
      const writer = startWriter({ data, lanes: 100, count: 1_000_000 });
      await writer.opened;
      expect(await until(() => writer.acknowledged.length > 500)).toBe(true);
      await pause(3 + 17 * round);
      writer.process.kill("SIGKILL");
      await writer.ended;
      expect(writer.refused).toEqual([]);
      expect(wrongAfter(data, writer.acknowledged)).toEqual([]);
    }
  }, 60_000);
});

describe("a journal whose process ends without closing it", () => {
  it("is whole, in each of 4 rounds", async () => {
    const data = newFolder();
    for (let round = 0; round < 4; round++) {
      const writer = startWriter({ data, lanes: 50, count: 1_000_000, exitMs: 150 + 37 * round });
      expect((await writer.ended).code).toBe(0);
      expect(writer.acknowledged.length).toBeGreaterThan(0);
      expect(wrongAfter(data, writer.acknowledged)).toEqual([]);
    }
  }, 60_000);
});

describe("a second gateway on one folder", () => {
  it("says so in one line and leaves with 2; the first one goes on", async () => {
    const data = newFolder();
    const first = startWriter({ data, lanes: 1, count: 1_000_000 });
    await first.opened;
    const second = await startWriter({ data, lanes: 1, count: 1 }).ended;
    expect(second.code).toBe(2);
    expect(second.errors).toMatch(/^in_use: [^\n]+another gateway\)\n$/);
    const before = first.acknowledged.length;
    expect(await until(() => first.acknowledged.length > before + 10)).toBe(true);
    first.process.kill("SIGKILL");
    await first.ended;
    expect(wrongAfter(data, first.acknowledged)).toEqual([]);
  }, 60_000);
});
