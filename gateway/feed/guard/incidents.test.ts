/** Days on which wrong prices became losses elsewhere: what the guard makes of them. */
import { describe, expect, it } from "vitest";
import type { MarkStateCommand } from "../../../core/engine/command.ts";
import { all, openRoom, type Room, START_MS } from "./guard.test-kit.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** Every state that was told in a span, as `state: quarantined names`. */
function told(room: Room, at: number, log: string[]): void {
  const command: MarkStateCommand | undefined = room.guard.review(at);
  if (command !== undefined) log.push(`${command.state}: ${command.quarantined.join(" ")}`);
}

describe("31 October 2019, one of seven sources of an index is 15 % off for three minutes", () => {
  const seven = ["a", "b", "c", "d", "e", "f", "g"];
  const others = seven.slice(1);
  const room = openRoom({ sources: seven });
  const log: string[] = [];
  const marks: number[] = [];
  let heldOut = 0;
  for (let at = START_MS; at < START_MS + 10 * MINUTE; at += SECOND) {
    const price = 9_150 + 4 * ((at / SECOND) % 7);
    const off = at >= START_MS + 2 * MINUTE && at < START_MS + 5 * MINUTE;
    const mark = room.say("BTC", at, { ...all(others, price), a: off ? price * 0.85 : price });
    marks.push(mark! / price - 1);
    told(room, at, log);
    if (room.guard.standing().quarantined.includes("BTC a")) heldOut += SECOND;
  }

  it("leaves the index where the other six are, every second", () => {
    expect(marks).toHaveLength(600);
    expect(marks.every((error) => error === 0)).toBe(true);
  });

  it("hears no more of it within three seconds, and again ten seconds after it agrees", () => {
    expect(heldOut).toBeGreaterThanOrEqual(3 * MINUTE);
    expect(heldOut).toBeLessThanOrEqual(3 * MINUTE + 15 * SECOND);
    expect(room.guard.standing().quarantined).toEqual([]);
  });

  it("troubles no account: the marks stay OK and nothing is told", () => {
    expect(log).toEqual([]);
  });
});

describe("March 2025, a thin token is pumped 50-fold", () => {
  it("does not move the mark where one venue of three is pumped", () => {
    const room = openRoom({ sources: ["a", "b", "c"] });
    const said = (at: number) => {
      const fold = Math.min(50, 1 + Math.max(0, at - START_MS - MINUTE) / SECOND);
      return { a: 0.01 * fold, b: 0.0101, c: 0.0099 };
    };
    const marks: number[] = [];
    for (let at = START_MS; at < START_MS + 10 * MINUTE; at += SECOND)
      marks.push(room.say("THIN", at, said(at)) ?? 0.01);
    expect(Math.max(...marks)).toBeLessThanOrEqual(0.0101);
    expect(room.guard.standing().quarantined).toEqual(["THIN a"]);
  });

  it("lets its only venue wait a minute until 50-fold is believed, and says so", () => {
    const room = openRoom();
    const log: string[] = [];
    room.sayOn("THIN", { from: START_MS, until: START_MS + MINUTE }, () => ({ "": 0.01 }));
    const jump = START_MS + MINUTE;
    let believedAt = 0;
    for (let at = jump; believedAt === 0; at += SECOND) {
      if (room.say("THIN", at, { "": 0.5 }) === 0.5) believedAt = at;
      told(room, at, log);
    }
    expect(believedAt - jump).toBe(MINUTE);
    expect(log[0]).toBe("DEGRADED: THIN");
  });

  it("leaves the rest of the market alone", () => {
    const room = openRoom({ sources: ["a", "b"] });
    for (let at = START_MS; at < START_MS + MINUTE; at += SECOND) {
      room.say("THIN", at, { a: at < START_MS + 20 * SECOND ? 0.01 : 0.5, b: 0.01 });
      expect(room.say("BTC", at, { a: 80_000, b: 80_010 })).toBeGreaterThanOrEqual(80_000);
    }
  });
});

describe("10 October 2025, a stablecoin is at 0.65 on one venue and at 0.97 elsewhere", () => {
  it("takes 0.97 where several venues are heard, and 0.65 from none of them", () => {
    const room = openRoom({ sources: ["a", "b", "c"] });
    const sources = ["a", "b", "c"];
    room.sayOn("USDC", { from: START_MS, until: START_MS + MINUTE }, () => all(sources, 0.9995));
    const marks: number[] = [];
    for (let at = START_MS + MINUTE; at < START_MS + 40 * MINUTE; at += SECOND) {
      const mark = room.say("USDC", at, { a: 0.65, b: 0.97, c: 0.971 });
      if (mark !== undefined) marks.push(mark);
    }
    expect(Math.min(...marks)).toBeGreaterThanOrEqual(0.97);
    expect(room.guard.standing().quarantined).toEqual(["USDC a"]);
  });

  it("keeps the last price for ten minutes where that one venue is all there is", () => {
    const room = openRoom();
    room.sayOn("USDC", { from: START_MS, until: START_MS + MINUTE }, () => ({ "": 0.999 }));
    const fall = START_MS + MINUTE;
    const span = { from: fall, until: fall + 10 * MINUTE };
    expect(room.sayOn("USDC", span, () => ({ "": 0.65 }))).toBeUndefined();
    expect(room.guard.review(span.until)?.quarantined).toEqual(["USDC"]);
    expect(room.guard.refused().band).toBeGreaterThan(0);
  });

  it("believes a loss of the anchor that stands: after a minute on all venues", () => {
    const room = openRoom({ sources: ["a", "b", "c"] });
    const sources = ["a", "b", "c"];
    room.sayOn("USDC", { from: START_MS, until: START_MS + MINUTE }, () => all(sources, 1));
    const fall = START_MS + MINUTE;
    let believedAt = 0;
    for (let at = fall; believedAt === 0; at += SECOND)
      if (room.say("USDC", at, all(sources, 0.8)) === 0.8) believedAt = at;
    expect(believedAt - fall).toBe(MINUTE);
  });
});

describe("12 March 2020, -40 % in a day", () => {
  /** Falls 40 % over a day, with drops of 6.9 % within a second, one after the other. */
  const path = (at: number): number => {
    const share = Math.min(1, Math.max(0, (at - START_MS) / DAY));
    const drops = [0.2, 0.45, 0.46, 0.7].filter((when) => share >= when).length;
    return 7_900 * (1 - 0.2 * share) * (1 - 0.069) ** drops;
  };

  it.each([
    ["two", ["a", "b"]],
    ["three", ["a", "b", "c"]],
    ["seven", ["a", "b", "c", "d", "e", "f", "g"]],
  ])("passes by %s sources within two marks of half of them, nothing quarantined", (_, sources) => {
    const room = openRoom({ sources });
    const half = Math.floor(sources.length / 2) + 1;
    let mark = path(START_MS);
    let late = 0;
    let worst = 0;
    let quarantined = 0;
    room.say("BTC", START_MS - SECOND, all(sources, mark));
    // A source speaks every 400 ms in turn, and knows the price of that moment alone.
    for (let at = START_MS, i = 0; at < START_MS + DAY; at += 400, i++) {
      mark = room.say("BTC", at, { [sources[i % sources.length]!]: path(at) }) ?? mark;
      late = Math.abs(mark / path(at) - 1) > 0.01 ? late + 1 : 0;
      worst = Math.max(worst, late);
      if (i % 16 === 0) quarantined += room.guard.standing().quarantined.length;
    }
    expect(mark / path(START_MS)).toBeLessThan(0.61);
    expect(worst).toBeLessThan(2 * half);
    expect(quarantined).toBe(0);
  });

  it("passes by one source alone within three seconds of each drop, DEGRADED all day", () => {
    const room = openRoom();
    let mark = path(START_MS);
    let late = 0;
    let worst = 0;
    const states = new Set<string>();
    for (let at = START_MS; at < START_MS + DAY; at += SECOND) {
      mark = room.say("BTC", at, { "": path(at) }) ?? mark;
      late = Math.abs(mark / path(at) - 1) > 0.01 ? late + SECOND : 0;
      worst = Math.max(worst, late);
      room.guard.review(at);
      if (at >= START_MS + 5 * SECOND) states.add(room.guard.standing().state);
    }
    expect(mark / path(START_MS)).toBeLessThan(0.61);
    expect(worst).toBeLessThanOrEqual(3 * SECOND);
    expect([...states]).toEqual(["DEGRADED"]);
  });
});
