/** Moments as people write them. */
import { describe, expect, it } from "vitest";
import { momentOf } from "./moment.ts";

describe("momentOf", () => {
  it.each([
    ["2020-03-12", "2020-03-12T00:00:00.000Z"],
    ["2020-03-12T10:00", "2020-03-12T10:00:00.000Z"],
    ["2020-03-12 10:00:30", "2020-03-12T10:00:30.000Z"],
    ["2020-03-12T10:00:00.5Z", "2020-03-12T10:00:00.500Z"],
    ["2020-03-12T10:00+01:00", "2020-03-12T09:00:00.000Z"],
    ["2024-02-29", "2024-02-29T00:00:00.000Z"],
    ["1950-01-03", "1950-01-03T00:00:00.000Z"],
  ])("reads %s as %s", (text, iso) => {
    expect(new Date(momentOf(text, "from")).toISOString()).toBe(iso);
  });

  it.each([
    "",
    "yesterday",
    "2020",
    "2020-13-01",
    "2020-02-30",
    "2023-02-29",
    "2020-03-12T25:00",
    "2020-03-12T10",
    "12.03.2020",
    "1583971200000",
    " 2020-03-12",
    "2020-03-12\n",
  ])("refuses %j", (text) => {
    expect(() => momentOf(text, "from")).toThrow(/out_of_bounds: from: .*2020-03-12/);
  });
});
