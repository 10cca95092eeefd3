/** A measurement of the bare sender in this process: figures, and an end that leaves nothing. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Bare, openBare } from "./bare.ts";
import { measure, type Sender, WARM_MS } from "./measure.ts";

const marksPerSecond = 20;
const stepMs = 1_000;
const speed = (marksPerSecond * stepMs) / 1_000;

let bare: Bare;
beforeEach(async () => {
  bare = await openBare({ transport: "ws", codec: "json", frameBytes: 600, speed, stepMs });
});
afterEach(() => bare.close());

const sender = (more: Partial<Sender> = {}): Sender => ({
  url: bare.url,
  subscribers: 3,
  seconds: 1,
  codec: "json",
  stepMs,
  asks: async () => [],
  ...more,
});

const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;

describe("measure", () => {
  it("takes every mark of the window for every subscriber", async () => {
    const { tally, window, lost, skew, senderDropped, lateP99Ms } = await measure(sender());
    expect(window.count).toBe(marksPerSecond);
    expect(tally.latency.count).toBe(3 * marksPerSecond);
    expect([tally.dropped, tally.unseen, lost, senderDropped]).toEqual([0, 0, 0, 0]);
    expect(tally.frameBytes / tally.frames).toBeGreaterThan(590);
    expect(lateP99Ms).toBeGreaterThan(0);
    expect(skew).toBeUndefined();
  });

  it("leaves no bell and no timer behind when it is stopped within the window", async () => {
    const before = timers();
    const ended = new AbortController();
    setTimeout(() => ended.abort(), WARM_MS + 700);
    await expect(measure(sender({ signal: ended.signal }))).rejects.toThrow(/abort/i);
    await expect.poll(timers).toBe(before);
  });

  it("says that the sender is gone", async () => {
    const running = measure(sender());
    setTimeout(() => void bare.close(), WARM_MS / 2);
    await expect(running).rejects.toMatchObject({ code: "unreachable" });
  });
});
