/** OK, DEGRADED, HALTED: what makes each, how long it lasts, and what is told of it. */
import { describe, expect, it } from "vitest";
import type { MarkStateCommand } from "../../../core/engine/command.ts";
import { openGuard } from "../guard.ts";
import { all, listingOf, openRoom, type Room, START_MS } from "./guard.test-kit.ts";

const SECOND = 1_000;
const three = ["a", "b", "c"];

/** Every second: who speaks of BTC and THIN, and what is told. */
function run(room: Room, seconds: number, speaks: (second: number) => readonly string[]): string[] {
  const log: string[] = [];
  for (let second = 0; second <= seconds; second++) {
    const at = START_MS + second * SECOND;
    for (const id of speaks(second)) room.say(id, at, all(three, 100));
    const told = room.guard.review(at);
    if (told !== undefined) log.push(`${second} ${told.state} ${told.stale.join(" ")}`.trim());
  }
  return log;
}

describe("the state of the marks", () => {
  it("is OK while everything comes, and then nothing is told", () => {
    expect(run(openRoom({ sources: three }), 60, () => ["BTC", "THIN"])).toEqual([]);
  });

  it("is DEGRADED at once, HALTED after five heartbeats, OK after three good ones", () => {
    const log = run(openRoom({ sources: three }), 60, (second) =>
      second > 9 && second < 40 ? ["BTC"] : ["BTC", "THIN"],
    );
    // THIN spoke last at 9: stale after 12, half of the indices for 15 s at 28, fresh at 40.
    expect(log).toEqual(["13 DEGRADED THIN", "28 HALTED THIN", "40 HALTED", "49 OK"]);
  });

  it("does not flap with a mark that comes and goes", () => {
    const log = run(openRoom({ sources: three }), 120, (second) =>
      second % 6 === 0 ? ["BTC", "THIN"] : ["BTC"],
    );
    const states = log.map((line) => line.split(" ")[1]);
    expect(new Set(states)).toEqual(new Set(["DEGRADED"]));
  });

  it("is told once a second of market time at most", () => {
    const room = openRoom({ sources: three });
    let told = 0;
    for (let i = 0; i < 2_000; i++) {
      const at = START_MS + i * 100;
      const wide = i % 2 === 0 ? 0 : 3;
      room.say("BTC", at, all(three, 100), { halfWidth: wide });
      if (room.guard.review(at) !== undefined) told += 1;
    }
    expect(told).toBeLessThanOrEqual(200);
  });

  it("goes on from what the list says after a restart, and takes back what no longer holds", () => {
    const told: MarkStateCommand = {
      ...{ kind: "MarkState", state: "HALTED", stale: ["BTC"], quarantined: ["THIN"] },
      confidence: [{ id: "BTC", confidence: 0.9 }],
    };
    const guard = openGuard(listingOf(), { told });
    const mark = (i: number, id: string) => ({ id, value: 100 + i / 1_000, extra: 0 });
    const states: string[] = [];
    for (let i = 0; i < 12; i++) {
      const at = START_MS + i * SECOND;
      guard.pass({ kind: "marks", at, marks: [mark(i, "BTC"), mark(i, "THIN")] });
      const command = guard.review(at);
      if (command !== undefined) states.push(JSON.stringify(command));
    }
    expect(states.map((text) => JSON.parse(text) as unknown)).toEqual([
      { kind: "MarkState", state: "HALTED", stale: [], quarantined: [] },
      { kind: "MarkState", state: "OK", stale: [], quarantined: [] },
    ]);
  });

  it("is the same for the same events, to the byte", () => {
    const events = () => {
      const room = openRoom({ sources: three });
      const log: unknown[] = [];
      for (let i = 0; i < 500; i++) {
        const at = START_MS + i * 700;
        const said = { a: 100 + Math.sin(i), b: 100, c: i % 50 > 30 ? 140 : 100.2 };
        log.push(room.say("BTC", at, said), room.guard.review(at));
      }
      return JSON.stringify([log, room.guard.refused(), room.guard.standing()]);
    };
    expect(events()).toBe(events());
  });
});

describe("bad input", () => {
  const good = (i: number) => 100 + 0.01 * i;

  it.each<[string, (i: number) => readonly (readonly [at: number, value: number])[]]>([
    [
      "every mark twice",
      (i) => [
        [i, good(i)],
        [i, good(i)],
      ],
    ],
    [
      "every third mark late by two",
      (i) =>
        i % 3 === 2
          ? [
              [i, good(i)],
              [i - 2, 500],
            ]
          : [[i, good(i)]],
    ],
    [
      "a price 100 times too high now and then",
      (i) => [[i, i % 10 === 9 ? 100 * good(i) : good(i)]],
    ],
    [
      "a price 100 times too low now and then",
      (i) => [[i, i % 10 === 9 ? good(i) / 100 : good(i)]],
    ],
    ["a NaN now and then", (i) => [[i, i % 10 === 9 ? Number.NaN : good(i)]]],
    ["gaps of a minute", (i) => (i % 100 < 40 ? [[i, good(i)]] : [])],
  ])("%s: no accepted mark is ever wrong, and the last one stands", (_, said) => {
    const room = openRoom();
    let newest = 0;
    for (let i = 0; i < 340; i++) {
      for (const [second, value] of said(i)) {
        const mark = room.say("BTC", START_MS + second * SECOND, { "": value });
        if (mark === undefined) continue;
        expect(mark).toBe(good(second));
        newest = mark;
      }
    }
    expect(newest).toBeGreaterThan(good(330));
  });

  it("of a hundred thousand names and sources leaves nothing behind", () => {
    const room = openRoom({ sources: three });
    for (let i = 0; i < 100_000; i++) room.say(`X${i}`, START_MS + i, { [`s${i}`]: 1 });
    expect(room.guard.refused().unknown).toBe(100_000);
    expect(room.guard.standing()).toMatchObject({ stale: 0, doubted: 0, quarantined: [] });
  });
});
