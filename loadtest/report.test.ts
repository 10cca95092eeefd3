/** The report: what it computes, what it says about itself, and what it calls failed. */
import { describe, expect, it } from "vitest";
import type { Measured } from "./measure.ts";
import { BUSY_SHARE, type Report, reportOf, reportTable } from "./report.ts";
import { readScenario } from "./scenario.ts";
import { windowFrom } from "./schedule.ts";
import { openTally } from "./tally.ts";

const scenario = readScenario("smoke", { subscribers: 2, marksPerSecond: 10, seconds: 1 });
const schedule = { speed: 10, wallMs: 0, marketMs: 0 };
const window = windowFrom(schedule, { nowMs: 100, seconds: 1, stepMs: 1_000 });

/** Two subscribers, ten marks, each seen `lateMs` after it was due, but the last `lostFrames`. */
function measured(lateMs: number, lostFrames: number, more: Partial<Measured> = {}): Measured {
  const tally = openTally(2);
  tally.open(window);
  for (let seq = 1; seq <= 10 - lostFrames; seq++) {
    for (const subscriber of [0, 1]) {
      const place = { type: "update", prev: seq - 1, seq, conflated: 0, markTs: seq * 1_000 };
      tally.frame(subscriber, { ...place, type: "update" }, 200, seq * 100 + lateMs);
    }
  }
  tally.close(2_000);
  return {
    tally,
    window,
    lateP99Ms: 0.2,
    cpuShare: 0.1,
    lost: 0,
    skew: { aheadMs: 0.1, roundTripMs: 0.4 },
    slippedMs: 0,
    senderDropped: 0,
    ...more,
  };
}

function report(gateway: Measured, baseline = measured(1, 0)): Report {
  return reportOf({ scenario, transport: "ws", gateway, baseline, loadBefore: 0.5 });
}

describe("a report", () => {
  it("says what was offered, what was held and how long it took", () => {
    const found = report(measured(2, 0));
    expect(found).toMatchObject({
      offered: 20,
      held: 20,
      frameBytes: 200,
      codec: "msgpack",
      transport: "ws",
      latencyMs: { p50: 2, p99: 2, p999: 2, max: 2 },
      baseline: { offered: 20, held: 20, latencyMs: { p50: 1 } },
      overBaseline: { p50: 2, p99: 2 },
      clock: { aheadMs: 0.1, uncertaintyMs: 0.2 },
      notes: [],
      failed: [],
    });
    expect(JSON.parse(JSON.stringify(found))).toEqual(found);
  });

  it.each([
    ["was busy", { cpuShare: BUSY_SHARE }, /generator used 0.7 of a core/],
    ["was late", { lateP99Ms: 1.5 }, /late itself by 1.5 ms/],
    ["had another clock", { skew: { aheadMs: -7, roundTripMs: 1 } }, /differ by -7 ms/],
    ["saw the market slip", { slippedMs: 30 }, /fell 30 ms behind/],
  ])("warns when the generator %s", (_, more, note) => {
    expect(report(measured(2, 0, more)).notes).toEqual([expect.stringMatching(note)]);
    expect(report(measured(2, 0), measured(1, 0, more)).notes[0]).toMatch(/^baseline: /);
  });

  it("is calm just below the busy share", () => {
    expect(report(measured(2, 0, { cpuShare: BUSY_SHARE - 0.001 })).notes).toEqual([]);
  });

  it.each([
    ["frames that the gateway counts as dropped", { senderDropped: 3 }, /counts 3 dropped/],
    ["lost connections", { lost: 1 }, /1 connections/],
  ])("calls %s failed", (_, more, failure) => {
    expect(report(measured(2, 0, more)).failed).toEqual([expect.stringMatching(failure)]);
  });

  it("calls marks that never came failed, and says that the rate was not held", () => {
    const { failed, notes, held, unseen } = report(measured(2, 4));
    expect([held, unseen]).toEqual([12, 8]);
    expect(failed).toEqual([expect.stringMatching(/8 marks/)]);
    expect(notes).toEqual([expect.stringMatching(/held 12 of 20/)]);
  });

  it("does not divide by a baseline that measured nothing", () => {
    expect(report(measured(2, 0), measured(0, 0)).overBaseline).toEqual({ p50: null, p99: null });
  });

  it("has a table in which every figure stands", () => {
    const table = reportTable(report(measured(2, 4, { lost: 1 })));
    for (const text of ["2 subscribers", "200 bytes", "p999", "note: held", "failed: 1 conn"]) {
      expect(table).toContain(text);
    }
  });
});
