/** The calendar of expiries, against a walk through every day. */
import { describe, expect, it } from "vitest";
import { expiriesAfter, expiryName } from "./expiries.ts";
import { chainSettings, DAY_MS, HOUR_MS } from "./settings.ts";

const at = (text: string) => Date.parse(text);
const names = (text: string) => expiriesAfter(at(text), chainSettings).map(expiryName);

describe("expiriesAfter", () => {
  it.each([
    // moment                       expiries
    ["2024-06-17T00:00Z", "17JUN24 18JUN24 21JUN24 28JUN24 27SEP24 27DEC24"],
    ["2024-06-17T07:59:59.999Z", "17JUN24 18JUN24 21JUN24 28JUN24 27SEP24 27DEC24"],
    ["2024-06-17T08:00Z", "18JUN24 19JUN24 21JUN24 28JUN24 27SEP24 27DEC24"],
    ["2024-06-27T09:00Z", "28JUN24 29JUN24 5JUL24 26JUL24 27SEP24 27DEC24"],
    ["2024-12-30T09:00Z", "31DEC24 1JAN25 3JAN25 31JAN25 28MAR25 27JUN25"],
    ["2020-02-28T08:00Z", "29FEB20 1MAR20 6MAR20 27MAR20 26JUN20 25SEP20"],
  ])("after %s: %s", (moment, expected) => {
    expect(names(moment).join(" ")).toBe(expected);
  });

  it("keeps what it once listed until it expires, through three years", () => {
    let listed = new Set<number>();
    for (let ms = at("2023-11-01T01:00Z"); ms < at("2026-11-01"); ms += 6 * HOUR_MS) {
      const plan = expiriesAfter(ms, chainSettings);
      expect(plan.length).toBe(6);
      expect([...listed].filter((e) => e > ms && !plan.includes(e))).toEqual([]);
      listed = new Set(plan);
    }
  });

  it("holds the last Fridays that a walk through every day finds", () => {
    const start = at("2019-01-01T00:00Z");
    const lastFridays = new Set<number>();
    for (let day = start; day < at("2021-01-01"); day += DAY_MS) {
      const friday = new Date(day).getUTCDay() === 5;
      const ends = new Date(day).getUTCMonth() !== new Date(day + 7 * DAY_MS).getUTCMonth();
      if (friday && ends) lastFridays.add(day + 8 * HOUR_MS);
    }
    const slots = { expiryHourUtc: 8, days: 0, weeks: 0, months: 24, quarters: 0 };
    expect(new Set(expiriesAfter(start, slots))).toEqual(lastFridays);
  });

  it("works before 1970, where days are negative", () => {
    expect(names("1950-01-03T12:00Z").slice(0, 3)).toEqual(["4JAN50", "5JAN50", "6JAN50"]);
  });
});
