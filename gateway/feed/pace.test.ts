/** Pace, on a clock that the test moves by hand. */
import { describe, expect, it } from "vitest";
import { RiskError } from "../../core/errors.ts";
import type { FeedEvent } from "./feed.ts";
import { LATE_MS_MAX, type PaceClock, play, WAIT_MS_MAX } from "./pace.ts";

/** Wall time by hand: `advance` rings what has come due, in order, and lets promises settle. */
function handClock() {
  let now = 1_000;
  let timers: { readonly at: number; readonly ring: () => void }[] = [];
  const waits: number[] = [];
  const clock: PaceClock = {
    now: () => now,
    after(ms, ring) {
      waits.push(ms);
      const timer = { at: now + ms, ring };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
  };
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  async function advance(ms: number) {
    const until = now + ms;
    await settle();
    for (;;) {
      const next = timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      now = Math.max(now, next.at);
      timers = timers.filter((timer) => timer !== next);
      next.ring();
      await settle();
    }
    now = until;
  }
  return {
    clock,
    advance,
    waits,
    sleep: (ms: number) => (now += ms),
    pending: () => timers.length,
  };
}

async function* at(...moments: number[]): AsyncGenerator<FeedEvent> {
  for (const ms of moments) yield { kind: "marks", at: ms, marks: [] };
}

describe("play", () => {
  it("delivers each event when its market time over the speed has passed", async () => {
    const { clock, advance } = handClock();
    const seen: number[] = [];
    const { done } = play(at(0, 60_000, 120_000), ({ at }) => void seen.push(at), {
      speed: 60,
      clock,
    });
    await advance(0);
    expect(seen).toEqual([0]);
    await advance(999);
    expect(seen).toEqual([0]);
    await advance(1);
    expect(seen).toEqual([0, 60_000]);
    await advance(1_000);
    await done;
    expect(seen).toEqual([0, 60_000, 120_000]);
  });

  it("slips instead of bursting when the process slept past the limit", async () => {
    const { clock, advance, sleep } = handClock();
    const seen: number[] = [];
    const playing = play(at(0, 100, 200, 300, 400, 9_900), ({ at }) => void seen.push(at), {
      speed: 1,
      clock,
    });
    await advance(0);
    sleep(10_000);
    await advance(0);
    // 100 is due at once and anchors the rest: 9,900 of ms are lost, 200 comes 100 later.
    expect(seen).toEqual([0, 100]);
    expect(playing.slippedMs()).toBe(9_900);
    await advance(100);
    expect(seen).toEqual([0, 100, 200]);
    playing.stop();
    await playing.done;
  });

  it("catches up within the limit", async () => {
    const { clock, advance, sleep } = handClock();
    const seen: number[] = [];
    const playing = play(at(0, 100, 200), ({ at }) => void seen.push(at), {
      speed: 1,
      clock,
    });
    await advance(0);
    sleep(100 + LATE_MS_MAX);
    await advance(0);
    await playing.done;
    expect(seen).toEqual([0, 100, 200]);
    expect(playing.slippedMs()).toBe(0);
  });

  it("moves its anchor by exactly what it slipped", async () => {
    const { clock, advance, sleep } = handClock();
    const playing = play(at(0, 100, 200), () => {}, { speed: 0.5, clock });
    expect(playing.anchor()).toBeUndefined();
    await advance(0);
    expect(playing.anchor()).toEqual({ wall: 1_000, market: 0 });
    sleep(10_000);
    await advance(0);
    // 100 was due 200 ms after the start; from now on everything is due 9,800 ms later than it was.
    expect(playing.anchor()).toEqual({ wall: 11_000, market: 100 });
    expect(playing.slippedMs()).toBe(9_800);
    playing.stop();
    await playing.done;
  });

  it("delivers nothing after stop and leaves no timer behind", async () => {
    const { clock, advance, pending } = handClock();
    const seen: number[] = [];
    const playing = play(at(0, 1_000), ({ at }) => void seen.push(at), { speed: 1, clock });
    await advance(0);
    expect(pending()).toBe(1);
    playing.stop();
    await playing.done;
    await advance(5_000);
    expect(seen).toEqual([0]);
    expect(pending()).toBe(0);
  });

  it("closes the feed when stopped", async () => {
    let closed = false;
    async function* endless(): AsyncGenerator<FeedEvent> {
      try {
        for (let ms = 0; ; ms += 1) yield { kind: "marks", at: ms, marks: [] };
      } finally {
        closed = true;
      }
    }
    const playing = play(endless(), () => playing.stop(), { speed: Number.POSITIVE_INFINITY });
    await playing.done;
    expect(closed).toBe(true);
  });

  it("waits for a sink that takes its time", async () => {
    const order: string[] = [];
    const sink = async ({ at }: FeedEvent) => {
      order.push(`in ${at}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
      order.push(`out ${at}`);
    };
    await play(at(0, 1), sink, { speed: Number.POSITIVE_INFINITY }).done;
    expect(order).toEqual(["in 0", "out 0", "in 1", "out 1"]);
  });

  it("lets the event loop run while it plays as fast as it can", async () => {
    let ticks = 0;
    const beat = setInterval(() => {
      ticks += 1;
    }, 1);
    async function* busy(): AsyncGenerator<FeedEvent> {
      const until = performance.now() + 120;
      for (let ms = 0; performance.now() < until; ms++) yield { kind: "marks", at: ms, marks: [] };
    }
    await play(busy(), () => {}, { speed: Number.POSITIVE_INFINITY }).done;
    clearInterval(beat);
    expect(ticks).toBeGreaterThan(5);
  });

  it("cuts a long wait into pieces that a timer can hold", async () => {
    const { clock, advance, waits } = handClock();
    const year = 365 * 86_400_000;
    const playing = play(at(0, year), () => {}, { speed: 1, clock });
    await advance(3 * WAIT_MS_MAX);
    expect(Math.max(...waits)).toBe(WAIT_MS_MAX);
    playing.stop();
    await playing.done;
  });

  it.each([
    // who    what it throws
    ["sink", () => Promise.reject(new RiskError("invariant_broken")), at(0)],
    [
      "feed",
      () => {},
      (async function* () {
        yield await Promise.reject(new RiskError("invariant_broken"));
      })(),
    ],
  ] as const)("rejects with what the %s threw", async (_, sink, events) => {
    await expect(play(events, sink, { speed: 1 }).done).rejects.toThrow(/invariant_broken/);
  });

  it.each([0, -1, 0.0009, Number.NaN])("refuses a speed of %d", (speed) => {
    expect(() => play(at(0), () => {}, { speed })).toThrow(/out_of_bounds: speed/);
  });
});
