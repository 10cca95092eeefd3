/** Tests of the label and of the medians that it stands against. */
import { describe, expect, it } from "vitest";
import { foldMedians, type Label, labels, medianOr, nextLabel, startMedians } from "./label.ts";
import { paceOf } from "./pace.ts";
import { exampleTerms as terms } from "./study/example-terms.test-kit.ts";

describe("a label", () => {
  it.each<[Label, number, Label]>([
    // label so far, range over its median, label
    ["normal", 1, "normal"],
    ["normal", 1.3, "normal"],
    ["normal", 1.4, "elevated"],
    ["normal", 1.95, "stress"],
    ["stress", 1.65, "stress"],
    ["stress", 1.55, "elevated"],
    ["normal", 0.75, "normal"],
    ["normal", 0.7, "calm"],
    ["calm", 0.85, "calm"],
    ["calm", 0.9, "normal"],
  ])("that was %s is at %d of the median %3$s", (current, share, expected) => {
    expect(nextLabel(current, share, terms.label)).toBe(expected);
  });

  it("does not depend on the way once the range is well inside a band", () => {
    for (const current of labels) expect(nextLabel(current, 1, terms.label)).toBe("normal");
  });
});

describe("a median", () => {
  it("is the prior until its window is full, then that of daily values", () => {
    const pace = paceOf(terms, 7_200_000);
    const medians = startMedians(pace);
    for (let day = 0; day < pace.medianDays; day++) {
      expect(medianOr(medians.scale, 7)).toBe(7);
      for (let i = 0; i < pace.dayBars; i++) foldMedians(medians, pace, day, 2 * day);
    }
    expect(medianOr(medians.scale, 7)).toBe((pace.medianDays - 1) / 2);
    expect(medianOr(medians.range, 7)).toBe(pace.medianDays - 1);
  });
});
