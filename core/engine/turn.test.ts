import { describe, expect, it } from "vitest";
import { RiskError } from "../errors.ts";
import type { Command } from "./command.ts";
import {
  type Dice,
  dice,
  filled,
  HASH,
  instruments,
  listingCommand,
  opened,
  plainTerms,
  START_MS,
  tick,
} from "./engine.test-kit.ts";
import {
  encodeTurn,
  FIRST_HASH,
  HEADER_BYTES,
  INDEX_BYTES,
  MARK_BYTES,
  type Turn,
  type TurnIndex,
} from "./turn.ts";
import { decodeTurn } from "./turn-decode.ts";

const plain: Turn = {
  partition: 0,
  lineage: "00112233445566778899aabbccddeeff",
  seq: 1,
  at: START_MS,
  prevHash: FIRST_HASH,
  marks: [
    { ordinal: 0, value: 65_000.1, extra: 0 },
    { ordinal: 7, value: 0.6, extra: 65_010 },
  ],
  index: [{ ordinal: 0, open: 65_000, high: 65_010, low: 64_990, last: 65_000.1, count: 4 }],
  commands: [listingCommand, tick],
};

/** One of each kind, as it stands in a Turn. */
const commands: readonly Command[] = [
  listingCommand,
  ...opened("a", { USDC: "0.1" }),
  { kind: "Account", account: "a", mode: "cross", expect: "known", key: "k 1" },
  filled("a", "BTC-C", "-1.5", "20", "0.000000000001"),
  {
    kind: "Positions",
    account: "a",
    positions: [{ instrument: "BTC-C", quantity: "1", price: "2" }],
  },
  {
    kind: "Orders",
    account: "a",
    orders: [
      { instrument: "BTC-C", side: "buy", quantity: 0.1, price: 1e-7, reduceOnly: false },
      { instrument: "BTC-C", side: "sell", quantity: 1e14, price: 0, reduceOnly: true },
    ],
  },
  { kind: "Transfer", account: "a", currency: "USDC", amount: "-1" },
  { kind: "Settle", what: "expiry", instrument: "BTC-C", price: "65000.1" },
  { kind: "Settle", what: "funding", instrument: "BTC-PERP", rate: "-0.0001", price: "65000" },
  { kind: "Settle", what: "session", instrument: "BTC-PERP", price: "65000" },
  { kind: "Settle", what: "session", instrument: "BTC-C" },
  {
    kind: "GridChange",
    underlying: "BTC",
    slideRange: { initial: 0.2, maintenance: 0.15 },
    volScale: 1.1,
    label: "elevated",
    credits: [{ members: ["BTC", "ETH"], credit: 0.4 }],
    evidence: { tau: 0.1, limiter: "floor", nested: { list: [1, null, "é"] } },
  },
  { kind: "GridNotice", underlying: "BTC", target: 0.2, effectiveAt: START_MS },
  { kind: "TermsChange", terms: plainTerms(), hash: HASH },
  { kind: "MarkState", state: "DEGRADED", stale: ["BTC-C"], quarantined: [] },
  tick,
];

function refusal(act: () => unknown): RiskError {
  try {
    act();
  } catch (error) {
    if (error instanceof RiskError) return error;
    throw error;
  }
  throw new RiskError("invariant_broken", { expected: "a refusal", found: "none" });
}

const reread = (bytes: Uint8Array) => encodeTurn(decodeTurn(bytes));

describe("a Turn as bytes", () => {
  it("comes back as it was", () => {
    expect(decodeTurn(encodeTurn(plain))).toEqual(plain);
  });

  it.each(commands)("keeps a $kind command", (command) => {
    expect(decodeTurn(encodeTurn({ ...plain, commands: [command] })).commands).toEqual([command]);
  });

  it("stands at its declared offsets, little-endian", () => {
    const bytes = encodeTurn(plain);
    const view = new DataView(bytes.buffer);
    expect(new TextDecoder().decode(bytes.subarray(0, 4))).toBe("SWT1");
    expect([view.getUint32(72, true), view.getUint32(76, true)]).toEqual([2, 1]);
    expect(view.getBigUint64(24, true)).toBe(1n);
    expect(view.getFloat64(HEADER_BYTES + 4, true)).toBe(65_000.1);
    expect(view.getFloat64(HEADER_BYTES + 2 * MARK_BYTES + 16, true)).toBe(65_010);
    const json = bytes.subarray(HEADER_BYTES + 2 * MARK_BYTES + INDEX_BYTES);
    expect(json.length).toBe(view.getUint32(80, true));
  });

  it("is read out of the middle of a larger buffer", () => {
    const bytes = encodeTurn(plain);
    const larger = new Uint8Array(bytes.length + 13);
    larger.set(bytes, 5);
    expect(decodeTurn(larger.subarray(5, 5 + bytes.length))).toEqual(plain);
  });

  it("keeps the bits of 1,000 random Turns", () => {
    const chance = dice(3);
    for (let i = 0; i < 1_000; i++) {
      const bytes = encodeTurn(randomTurn(chance));
      expect(reread(bytes), `turn ${i} of seed 3`).toEqual(bytes);
    }
  });
});

describe("bytes that are no Turn", () => {
  it.each<[string, Partial<Turn>, string]>([
    ["a number 0", { seq: 0 }, "turn.seq"],
    ["a time that is no whole ms", { at: 1.5 }, "turn.at"],
    ["a time that is not a number", { at: Number.NaN }, "turn.at"],
    ["a time that no date has", { at: -8.64e15 - 2 }, "turn.at"],
    ["a mark that is not a number", { marks: [mark(0, Number.NaN)] }, "turn.marks[0].value"],
    ["an infinite mark", { marks: [mark(0, Number.POSITIVE_INFINITY)] }, "turn.marks[0].value"],
    ["a mark of 0", { marks: [mark(0, 0)] }, "turn.marks[0].value"],
    ["an extra that is not a number", { marks: [mark(0, 1, Number.NaN)] }, "turn.marks[0].extra"],
    ["marks out of order", { marks: [mark(3, 1), mark(2, 1)] }, "turn.marks[1].ordinal"],
    ["a name marked twice", { marks: [mark(3, 1), mark(3, 2)] }, "turn.marks[1].ordinal"],
    ["an index without marks", { index: [{ ...bar(1), count: 0 }] }, "turn.index[0].count"],
    ["a high below the low", { index: [{ ...bar(2), high: 1 }] }, "turn.index[0]"],
    ["a last above the high", { index: [{ ...bar(2), last: 3 }] }, "turn.index[0]"],
    ["an open that is not a number", { index: [{ ...bar(2), open: Number.NaN }] }, "turn.index[0]"],
    [
      "a low that is not a number",
      { index: [{ ...bar(2), low: Number.NaN }] },
      "turn.index[0].low",
    ],
    ["two Ticks", { commands: [tick, tick] }, "turn.commands"],
  ])("%s is refused", (_what, change, path) => {
    const error = refusal(() => decodeTurn(encodeTurn({ ...plain, ...change })));
    expect([error.code, error.detail.path]).toEqual(["malformed_file", path]);
  });

  it.each([
    ["no JSON", "[", "turn.commands"],
    ["no list", "{}", "turn.commands"],
    ["no command", "[1]", "turn.commands[0].kind"],
    ["an unknown kind", '[{"kind":"Nothing"}]', "turn.commands[0].kind"],
    ["a kind of every object", '[{"kind":"toString"}]', "turn.commands[0].kind"],
    ["a member too many", '[{"kind":"Tick","x":1}]', "turn.commands[0].x"],
    ["a member of another type", '[{"hash":7,"kind":"TermsChange","terms":{}}]', undefined],
    ["a space", '[{"kind": "Tick"}]', "turn.commands"],
    ["a name twice", '[{"kind":"Tick","kind":"Tick"}]', "turn.commands"],
    ["an escape that JSON needs not", '[{"kind":"\\u0054ick"}]', "turn.commands"],
    ["a byte order mark", '\ufeff[{"kind":"Tick"}]', "turn.commands"],
    ["text too deep", `${"[".repeat(50_000)}${"]".repeat(50_000)}`, undefined],
  ])("%s among the commands is refused", (_what, json, path) => {
    const error = refusal(() => decodeTurn(withJson(new TextEncoder().encode(json))));
    expect(error.code).toBe("malformed_file");
    if (path !== undefined) expect(error.detail.path).toBe(path);
  });

  it("bytes that are no UTF-8 are refused", () => {
    const error = refusal(() => decodeTurn(withJson(Uint8Array.of(0x5b, 0xff, 0x5d))));
    expect([error.code, error.detail.path]).toEqual(["malformed_file", "turn.commands"]);
  });

  it("every truncation is refused", () => {
    const bytes = encodeTurn({ ...plain, commands: [tick] });
    for (let length = 0; length < bytes.length; length++) {
      expect(refusal(() => decodeTurn(bytes.subarray(0, length))).code).toBe("malformed_file");
    }
  });

  it("a byte too many is refused", () => {
    const bytes = encodeTurn(plain);
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes);
    expect(refusal(() => decodeTurn(longer)).code).toBe("malformed_file");
  });

  it("a flipped bit is refused, or is another Turn of just these bytes (4,000 flips)", () => {
    const chance = dice(5);
    const from = encodeTurn({ ...plain, commands });
    let refused = 0;
    for (let i = 0; i < 4_000; i++) {
      const bytes = Uint8Array.from(from);
      const at = chance.below(i % 2 === 0 ? 250 : bytes.length);
      bytes[at]! ^= 1 << chance.below(8);
      try {
        expect(reread(bytes), `byte ${at}`).toEqual(bytes);
      } catch (error) {
        if (!(error instanceof RiskError)) throw error;
        expect(error.code, `byte ${at}`).toBe("malformed_file");
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(1_000);
  });

  it("1,000 runs of noise are refused", () => {
    const chance = dice(9);
    for (let i = 0; i < 1_000; i++) {
      const noise = Uint8Array.from({ length: chance.below(400) }, () => chance.below(256));
      if (i % 2 === 0 && noise.length > 4) noise.set([0x53, 0x57, 0x54, 0x31]);
      expect(refusal(() => decodeTurn(noise)).code).toBe("malformed_file");
    }
  });
});

function mark(ordinal: number, value: number, extra = 0) {
  return { ordinal, value, extra };
}

function bar(price: number): TurnIndex {
  return { ordinal: 0, open: price, high: price, low: price, last: price, count: 1 };
}

/** A Turn without marks whose commands are `json`, whatever it is. */
function withJson(json: Uint8Array): Uint8Array {
  const head = encodeTurn({ ...plain, marks: [], index: [], commands: [] });
  const bytes = new Uint8Array(HEADER_BYTES + json.length);
  bytes.set(head.subarray(0, HEADER_BYTES));
  bytes.set(json, HEADER_BYTES);
  new DataView(bytes.buffer).setUint32(80, json.length, true);
  return bytes;
}

function randomTurn(chance: Dice): Turn {
  const anyPrice = () => (1 + chance.below(2 ** 31)) / (1 + chance.below(2 ** 20));
  const ordinals = (count: number) =>
    [...new Set(Array.from({ length: count }, () => chance.below(1_000)))].sort((a, b) => a - b);
  const hex = (length: number) =>
    Array.from({ length }, () => chance.below(16).toString(16)).join("");
  const kept = chance.shuffled(commands.slice(0, -1)).slice(0, chance.below(4));
  return {
    partition: chance.below(2 ** 32),
    lineage: hex(32),
    seq: 1 + chance.below(2 ** 31) * 1_000,
    at: chance.below(2 ** 31) * 1_000 + chance.below(1_000),
    prevHash: hex(64),
    marks: ordinals(chance.below(50)).map((ordinal) =>
      mark(ordinal, anyPrice(), chance.below(2) === 0 ? 0 : anyPrice() - 100),
    ),
    index: ordinals(chance.below(5)).map((ordinal) => {
      const [low, open, high] = [anyPrice(), anyPrice(), anyPrice()].sort((a, b) => a - b);
      return { ordinal, open: open!, high: high!, low: low!, last: open!, count: 1 };
    }),
    commands: chance.below(2) === 0 ? kept : [...kept, tick],
  };
}

describe("the commands of this file", () => {
  it("are of every kind that there is, and name instruments that are listed", () => {
    const kinds = [...new Set(commands.map(({ kind }) => kind))].sort();
    expect(kinds.filter((kind) => kind < "L").join(" ")).toBe(
      "Account Balances Fill GridChange GridNotice",
    );
    expect(kinds.filter((kind) => kind > "L").join(" ")).toBe(
      "Listing MarkState Orders Positions Settle TermsChange Tick Transfer",
    );
    expect(instruments.map(({ id }) => id)).toContain("BTC-C");
  });
});
