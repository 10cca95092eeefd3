import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decodeTurn } from "../../core/engine/turn-decode.ts";
import { compareGolden, type Golden, goldenOf } from "./golden.ts";
import { readTurnFile, turnFile } from "./turn-file.ts";

const EXPECTED = "core/cases/turns/sim.json";
const file = new Uint8Array(readFileSync("core/cases/turns/sim.turns"));
const records = readTurnFile(file);
const expected = JSON.parse(readFileSync(EXPECTED, "utf8")) as Golden;
const turns = records.map(decodeTurn);

describe("the golden Turns", () => {
  const found = goldenOf(file, records);

  it.each([...compareGolden(expected, found).keys()])("fold to %s", (name) => {
    expect(compareGolden(expected, found).get(name)).toBe(true);
  });

  it("fold alike a second time", () => {
    expect(goldenOf(file, records)).toEqual(found);
  });

  it("hold every kind of command, settlements of each sort, and keys", () => {
    const commands = turns.flatMap((turn) => turn.commands);
    const what = commands.map((one) => (one.kind === "Settle" ? `Settle ${one.what}` : one.kind));
    expect([...new Set(what)].sort()).toEqual([
      "Account",
      "Balances",
      "Fill",
      "GridChange",
      "Listing",
      "MarkState",
      "Orders",
      "Positions",
      "Settle expiry",
      "Settle funding",
      "Settle session",
      "TermsChange",
      "Tick",
      "Transfer",
    ]);
    expect(what.filter((kind) => kind === "Listing").length).toBeGreaterThan(1);
    expect(commands.filter((one) => "key" in one).length).toBeGreaterThan(10);
    expect(turns.length).toBeGreaterThan(200);
    expect(file.length).toBeLessThan(300_000);
  });

  it("never span a second, and tick once in each", () => {
    const ticked = turns.filter(({ commands }) => commands.some(({ kind }) => kind === "Tick"));
    const moved = ticked.filter(({ at }, i) => at !== ticked[i - 1]?.at);
    expect(moved.length).toBe(new Set(moved.map(({ at }) => Math.floor(at / 1000))).size);
    for (const [i, { at }] of turns.entries()) expect(at >= (turns[i - 1]?.at ?? 0)).toBe(true);
  });

  it("are no longer themselves with one bit of a mark changed", () => {
    const at = records.findIndex((_, i) => turns[i]!.marks.length > 20);
    const changed = records.map((bytes) => Uint8Array.from(bytes));
    // Lowest bit of the first mark's value.
    changed[at]![84 + 4]! ^= 1;
    expect(() => goldenOf(turnFile(changed), changed)).toThrow(/invariant_broken: turn/);
  });
});

describe("a file of Turns", () => {
  it("gives back the records that were put in", () => {
    expect(readTurnFile(turnFile(records.slice(0, 5)))).toEqual(records.slice(0, 5));
    expect(readTurnFile(turnFile([]))).toEqual([]);
  });

  it.each([1, 3, 4, 83, 100])("is refused when %i bytes of a record are left", (left) => {
    const two = turnFile(records.slice(0, 2));
    const cut = two.subarray(0, 4 + records[0]!.length + left);
    expect(() => readTurnFile(cut)).toThrow(/malformed_file: record 2/);
  });
});
