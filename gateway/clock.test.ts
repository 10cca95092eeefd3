/** The machine's clock: its scale, its order, and that what was stopped does not run. */
import { describe, expect, it } from "vitest";
import { systemClock } from "./clock.ts";

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe("systemClock", () => {
  it("counts milliseconds since the epoch", () => {
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1_000);
  });

  it.each([[0], [5]])("acts once, after what is running now: %d ms from now", async (ms) => {
    const order: string[] = [];
    systemClock.after(ms, () => order.push("later"));
    order.push("now");
    await pause(40);
    expect(order).toEqual(["now", "later"]);
  });

  it("acts again and again until it is stopped", async () => {
    let count = 0;
    const stop = systemClock.every(2, () => {
      count += 1;
    });
    await pause(40);
    stop();
    const stopped = count;
    expect(stopped).toBeGreaterThan(1);
    await pause(20);
    expect(count).toBe(stopped);
  });

  it.each([[0], [5]])("does not act when stopped before: %d ms from now", async (ms) => {
    let acted = false;
    systemClock.after(ms, () => {
      acted = true;
    })();
    await pause(20);
    expect(acted).toBe(false);
  });
});
