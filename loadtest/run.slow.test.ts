/** A whole run with real processes, small: figures come out, and nothing stays behind. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { moduleFile, startChild } from "./child.ts";
import { runLoad } from "./run.ts";
import { readScenario } from "./scenario.ts";

const small = { subscribers: 8, marksPerSecond: 5, seconds: 1, transport: "ws" };
const bare = { transport: "ws", codec: "json", frameBytes: 500, speed: 1, stepMs: 1_000 };
const runMs = 60_000;

const data = mkdtempSync(join(tmpdir(), "slidewire-load-"));
afterAll(() => rmSync(data, { recursive: true, force: true }));

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe("a run", () => {
  it(
    "measures a gateway and its baseline with the same readers",
    async () => {
      const report = await runLoad(readScenario("smoke", small));
      expect(report.failed).toEqual([]);
      expect(report).toMatchObject({ offered: 40, transport: "ws", codec: "msgpack", dropped: 0 });
      for (const figures of [report, report.baseline]) {
        const { p50, p99, p999, max } = figures.latencyMs;
        expect(p50).toBeGreaterThan(0);
        expect([p50, p99, p999, max]).toEqual([p50, p99, p999, max].sort((a, b) => a - b));
        expect(figures.unseen).toBe(0);
        expect(figures.generator.cpuShare).toBeGreaterThan(0);
      }
      expect(report.frameBytes).toBeGreaterThan(500);
      expect(Math.abs(report.clock!.aheadMs)).toBeLessThan(1_000);
    },
    runMs,
  );

  it(
    "ends its processes when it is stopped",
    async () => {
      const ended = new AbortController();
      const running = runLoad(readScenario("smoke", small), ended.signal);
      setTimeout(() => ended.abort(), 500);
      await expect(running).rejects.toThrow(/abort/i);
    },
    runMs,
  );
});

describe("startChild", () => {
  it("passes on what the gateway refused", async () => {
    const refused = startChild(moduleFile("./gateway-main"), ["serve", "--json", "--feed", "none"]);
    await expect(refused).rejects.toMatchObject({ code: "unknown_value" });
  });

  it("says what was said last when it was no refusal", async () => {
    await expect(startChild(moduleFile("./nothing-there"), [])).rejects.toThrow(
      /unreachable.*Node/,
    );
  });

  it.each([
    ["./gateway-main", ["serve", "--port", "0", "--data", data, "--ready-json"]],
    ["./bare-main", [JSON.stringify(bare)]],
  ])("starts %s, which ends when its standard input does", async (name, args) => {
    const child = spawn(process.execPath, [moduleFile(name), ...args]);
    const ended = once(child, "exit");
    await once(child.stdout, "data");
    child.stdin.end();
    expect(await ended).toEqual([0, null]);
  });

  it("ends the child by its process id", async () => {
    const child = await startChild(moduleFile("./bare-main"), [JSON.stringify(bare)]);
    expect(isAlive(child.pid)).toBe(true);
    await child.stop();
    expect(isAlive(child.pid)).toBe(false);
    await child.stop();
  });
});
