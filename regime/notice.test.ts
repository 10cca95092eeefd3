/** Tests of the notice between the initial and the maintenance side. */
import { describe, expect, it } from "vitest";
import { foldNotice, noticed, noticePath, startNotice } from "./notice.ts";
import { paceOf } from "./pace.ts";
import { exampleTerms as terms } from "./study/example-terms.test-kit.ts";

const MINUTE_MS = 60_000;
const quick = paceOf(terms, 5 * MINUTE_MS);

function maintenanceOf(initial: readonly number[], barMs: number): number[] {
  const notice = startNotice(paceOf(terms, barMs), initial[0]!);
  return initial.map((value) => {
    foldNotice(notice, value);
    return noticed(notice);
  });
}

describe("the maintenance range", () => {
  it.each([
    // bar, bars from a rise to its effect
    ["one minute", MINUTE_MS, 30],
    ["five minutes", 5 * MINUTE_MS, 6],
    ["two hours", 120 * MINUTE_MS, 1],
    ["a day", 1440 * MINUTE_MS, 1],
  ])("on bars of %s widens thirty minutes later, or with the next close", (_, barMs, bars) => {
    const initial = [0.1, ...new Array(40).fill(0.2)];
    const maintenance = maintenanceOf(initial, barMs);
    expect(maintenance.indexOf(0.2)).toBe(1 + bars);
  });

  it("loosens with the initial one and is never above it", () => {
    const initial = [0.2, 0.3, 0.3, 0.15, 0.4, 0.1, 0.1];
    const maintenance = maintenanceOf(initial, 5 * MINUTE_MS);
    for (const [i, value] of maintenance.entries()) expect(value).toBeLessThanOrEqual(initial[i]!);
    expect(maintenance).toEqual([0.2, 0.2, 0.2, 0.15, 0.15, 0.1, 0.1]);
  });
});

describe("the path that a notice gives", () => {
  it("names every step that is certain, at the time at which it holds", () => {
    const notice = startNotice(quick, 0.1);
    for (const value of [0.12, 0.11, 0.15]) foldNotice(notice, value);
    expect(noticePath(notice, 0, 5 * MINUTE_MS)).toEqual([
      { at: 4 * 5 * MINUTE_MS, value: 0.11 },
      { at: 6 * 5 * MINUTE_MS, value: 0.15 },
    ]);
  });

  it("is walked as given when nothing moves meanwhile", () => {
    const notice = startNotice(quick, 0.1);
    for (const value of [0.12, 0.11, 0.15]) foldNotice(notice, value);
    const path = noticePath(notice, 0, 5 * MINUTE_MS);
    const walked: { at: number; value: number }[] = [];
    for (let i = 1; i <= 6; i++) {
      const before = noticed(notice);
      foldNotice(notice, 0.15);
      if (noticed(notice) > before) walked.push({ at: i * 5 * MINUTE_MS, value: noticed(notice) });
    }
    expect(walked).toEqual(path);
  });

  it("is empty when the maintenance side has caught up", () => {
    expect(noticePath(startNotice(quick, 0.1), 0, 1)).toEqual([]);
  });
});
