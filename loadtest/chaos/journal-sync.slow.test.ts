/** That the disk is really asked to sync, and what follows when it cannot. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  newFolder,
  removeFolders,
  startWriter,
  straceMissing,
  wrongAfter,
} from "./journal.test-kit.ts";

const missing = straceMissing();
const noStrace = missing === undefined ? "" : ` (skipped: ${missing})`;

afterAll(removeFolders);

describe("a commit", () => {
  it.skipIf(missing !== undefined)(
    `syncs the log for every command that is acknowledged alone${noStrace}`,
    async () => {
      const data = newFolder();
      const trace = join(newFolder(), "trace");
      const under = ["strace", "-f", "-e", "trace=fdatasync,fsync", "-o", trace];
      // One at a time: each is a group of its own.
      const writer = startWriter({ data, lanes: 1, count: 100, under });
      const { code } = await writer.ended;
      const lines = readFileSync(trace, "utf8").split("\n");
      const syncs = lines.filter((line) => /f(data)?sync\(\d+\)? .*= 0$|resumed.*= 0$/.test(line));
      expect([code, writer.acknowledged.length]).toEqual([0, 100]);
      expect(syncs.length).toBeGreaterThanOrEqual(writer.acknowledged.length);
    },
    60_000,
  );

  it.skipIf(missing !== undefined)(
    `whose sync fails is refused, and nothing is written after it${noStrace}`,
    async () => {
      const data = newFolder();
      const first = startWriter({ data, lanes: 1, count: 50 });
      expect((await first.ended).code).toBe(0);
      const inject = "inject=fdatasync,fsync:error=EIO:when=30+";
      const trace = ["-e", "trace=fdatasync,fsync", "-e", inject, "-o", "/dev/null"];
      const under = ["strace", "-f", ...trace];
      const failing = startWriter({ data, lanes: 1, count: 100, under });
      await failing.ended;
      expect(failing.refused).toEqual(["journal_failed"]);
      expect(failing.acknowledged.length).toBeGreaterThan(5);
      expect(failing.acknowledged.length).toBeLessThan(40);
      expect(existsSync(join(data, "journal.db"))).toBe(true);
      const all = [...first.acknowledged, ...failing.acknowledged];
      expect(wrongAfter(data, all)).toEqual([]);
      const after = startWriter({ data, lanes: 1, count: 10 });
      expect((await after.ended).code).toBe(0);
      expect(wrongAfter(data, [...all, ...after.acknowledged])).toEqual([]);
    },
    60_000,
  );
});
