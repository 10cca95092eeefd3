import { describe, expect, it } from "vitest";
import { canonicalJson } from "../canonical.ts";
import type { Command } from "./command.ts";
import { commandPrint, commandsText, commandText } from "./command-text.ts";
import { filled, listingCommand, opened, tick } from "./engine.test-kit.ts";
import { fingerprint } from "./ledger.ts";

const commands: readonly Command[] = [
  listingCommand,
  ...opened("é", { USDC: "1", BTC: "0.5" }),
  { ...filled("a", "BTC-C", "1", "2", "-0.1"), key: '"k"' } as Command,
  tick,
];

describe("a command's text", () => {
  it.each(commands)("is its canonical JSON, however often it is asked for: %j", (command) => {
    for (let i = 0; i < 2; i++) {
      expect(commandText(command)).toBe(canonicalJson(command));
      expect(commandPrint(command)).toBe(fingerprint(canonicalJson(command)));
    }
  });

  it.each([0, 1, commands.length])("of %i in a list is the list's canonical JSON", (count) => {
    const some = commands.slice(0, count);
    expect(commandsText(some)).toBe(canonicalJson(some));
  });

  it("is of the command itself, not of an equal name or key", () => {
    const [one, other] = ["1", "2"].map((price) => filled("a", "BTC-C", "1", price));
    expect(commandText(one!)).not.toBe(commandText(other!));
  });

  it("refuses what JSON cannot say", () => {
    const odd = filled("a\ud800", "BTC-C", "1", "1");
    expect(() => commandText(odd)).toThrow(/wrong_type/);
  });
});
