/** Channel names: what is one, what is not, and accounts with dots in them. */
import { describe, expect, it } from "vitest";
import { channelName, parseChannel } from "./channels.ts";

describe("parseChannel", () => {
  it.each([
    ["margin.mm-1.raw", "margin", "mm-1", "raw"],
    ["margin.a.b.c.100ms", "margin", "a.b.c", "100ms"],
    ["margin.*.1s", "margin", "*", "1s"],
    ["regime.BTC.raw", "regime", "BTC", "raw"],
    ["fills.mm-1", "fills", "mm-1", "event"],
    ["fills.a.b.raw", "fills", "a.b.raw", "event"],
    ["fills.*", "fills", "*", "event"],
    ["regime.changes", "changes", "", "event"],
    ["regime.changes.raw", "regime", "changes", "raw"],
  ] as const)("reads %s, and its parts give the name back", (name, family, subject, interval) => {
    const channel = parseChannel(name, "channels[0]");
    expect(channel).toEqual({ name, family, subject, interval });
    expect(channelName(channel)).toBe(name);
  });

  it.each([
    "",
    ".",
    "..",
    "margin",
    "margin.mm-1",
    "margin..raw",
    "margin.mm-1.5ms",
    "margin.mm-1.toString",
    "marks.BTC.raw",
    "regime.*.raw",
    "regime.change",
    "regime.*",
    "fills",
    "fills.",
    `fills.${"x".repeat(123)}`,
    ".mm-1.raw",
    "margin.mm-1.raw ",
    `margin.${"x".repeat(128)}.raw`,
  ])("refuses %j", (name) => {
    expect(() => parseChannel(name, "channels[0]")).toThrow(
      expect.objectContaining({
        code: "unknown_channel",
        detail: expect.objectContaining({ path: "channels[0]" }),
      }),
    );
  });
});
