import { createHash } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { loadTerms, termsHash } from "../config/terms.ts";
import type { AccountCommand, Command } from "../core/engine/command.ts";
import { type Engine, openEngine } from "../core/engine/engine.ts";
import { emptyState } from "../core/engine/state.ts";
import { TURN_JSON_BYTES_MAX, type Turn } from "../core/engine/turn.ts";
import { decodeTurn } from "../core/engine/turn-decode.ts";
import type { Mark } from "../core/mark.ts";
import { COMMANDS_MAX, openSequencer, type Sequencer } from "./sequencer.ts";

const START_MS = 1_718_611_190_000;
const terms = loadTerms("slidewire");
const tick: Command = { kind: "Tick" };

let engine: Engine;
let sequencer: Sequencer;

beforeEach(() => {
  engine = openEngine(emptyState("0".repeat(32), terms, termsHash(terms)));
  sequencer = openSequencer(engine.state);
  sequencer.offer(START_MS, []);
  submit({
    kind: "Listing",
    underlyings: [
      { id: "BTC", assetClass: "crypto" },
      { id: "ETH", assetClass: "crypto" },
    ],
    currencies: [{ id: "USDC" }],
    instruments: [
      {
        id: "BTC-P",
        kind: "perpetual",
        underlying: "BTC",
        settlement: "linear",
        settleCurrency: "USDC",
        contractSize: 1,
      },
    ],
    delisted: [],
  });
  close();
});

/** Submits a command that is durable at once. */
function submit(command: unknown): number {
  const { seq } = sequencer.submit(command);
  sequencer.release(seq);
  return seq;
}

/** Closes and folds one Turn. */
function close(): Turn | undefined {
  const closed = sequencer.close();
  if (closed === undefined) return undefined;
  expect(decodeTurn(closed.bytes)).toEqual(closed.turn);
  expect(closed.hash).toBe(createHash("sha256").update(closed.bytes).digest("hex"));
  engine.fold(closed.turn, closed.hash);
  sequencer.folded();
  return closed.turn;
}

const mark = (id: string, value: number, extra = 0): Mark => ({ id, value, extra });
const open = (account: string): AccountCommand => ({
  kind: "Account",
  account,
  mode: "portfolio",
});
const kinds = (turn: Turn | undefined) => turn?.commands.map(({ kind }) => kind);

describe("closing a Turn", () => {
  it("gives the newest mark of each name, by ordinal", () => {
    sequencer.offer(START_MS + 1, [mark("BTC-P", 1), mark("BTC", 3)]);
    sequencer.offer(START_MS + 2, [mark("BTC-P", 2, 0.1)]);
    expect(close()?.marks).toEqual([
      { ordinal: 0, value: 3, extra: 0 },
      { ordinal: 3, value: 2, extra: 0.1 },
    ]);
  });

  it("gives open, high, low, last and count of every index mark, and of nothing else", () => {
    for (const value of [5, 9, 2, 4]) sequencer.offer(START_MS, [mark("BTC", value)]);
    sequencer.offer(START_MS, [mark("BTC-P", 7)]);
    const bar = { ordinal: 0, open: 5, high: 9, low: 2, last: 4, count: 4 };
    expect(close()?.index).toEqual([bar]);
  });

  it("is nothing when nothing was gathered", () => {
    expect(close()).toBeUndefined();
  });

  it("begins anew: a mark stands in one Turn", () => {
    sequencer.offer(START_MS, [mark("BTC", 3)]);
    close();
    sequencer.offer(START_MS, []);
    expect(close()).toMatchObject({ marks: [], index: [] });
  });

  it("chains Turns by number and hash", () => {
    const before = { seq: engine.state.seq, hash: engine.state.lastHash };
    sequencer.offer(START_MS, [mark("BTC", 3)]);
    expect(close()).toMatchObject({ seq: before.seq + 1, prevHash: before.hash });
  });

  it("leaves out marks of names that are not listed, or not any more", () => {
    const listing = { underlyings: [], currencies: [], instruments: [], delisted: ["BTC-P"] };
    submit({ kind: "Listing", ...listing });
    close();
    sequencer.offer(START_MS, [mark("DOGE", 3), mark("BTC", 4), mark("BTC-P", 5)]);
    expect(close()?.marks).toEqual([{ ordinal: 0, value: 4, extra: 0 }]);
  });
});

describe("market time", () => {
  it.each([1.5, Number.NaN, 9e15])("is whole ms since the epoch: %d is at fault", (at) => {
    expect(() => sequencer.offer(at, [])).toThrow(/invariant_broken: turn.at/);
  });

  it("of a clock that counts finer is cut to whole ms", () => {
    sequencer.idle(START_MS + 0.75);
    expect(close()?.at).toBe(START_MS);
  });

  it("never runs backwards", () => {
    sequencer.offer(START_MS + 500, []);
    sequencer.offer(START_MS + 100, [mark("BTC", 3)]);
    expect(close()?.at).toBe(START_MS + 500);
    sequencer.offer(START_MS + 100, [mark("BTC", 4)]);
    expect(close()?.at).toBe(START_MS + 500);
  });

  it.each([
    // gathered at, next at, spans
    [0, 999, false],
    [0, 1_000, true],
    [999, 1_000, true],
    [1_000, 999, false],
    [1_500, 1_600, false],
  ])("gathered at %i ms, an event at %i ms spans a second: %s", (gathered, next, spans) => {
    sequencer.offer(START_MS + gathered, []);
    expect(sequencer.spans(START_MS + next)).toBe(spans);
  });

  it("spans nothing while nothing is gathered", () => {
    expect(sequencer.spans(START_MS + 60_000)).toBe(false);
  });

  it("refuses to gather what would span a second", () => {
    sequencer.offer(START_MS, []);
    expect(() => sequencer.offer(START_MS + 1_000, [])).toThrow(/invariant_broken: turn.at/);
  });
});

describe("a Tick", () => {
  it("joins when a second of market time has passed since the last one, once a Turn", () => {
    const told: (string[] | undefined)[] = [];
    for (const after of [500, 999, 1_000, 1_400, 1_999, 2_000, 60_000]) {
      sequencer.offer(START_MS + after, []);
      told.push(kinds(close()));
    }
    expect(told).toEqual([[], [], ["Tick"], [], [], ["Tick"], ["Tick"]]);
  });

  it("joins when a second passed without marks, though market time stands", () => {
    sequencer.idle(START_MS);
    expect(close()).toMatchObject({ at: START_MS, commands: [tick] });
    sequencer.idle(START_MS + 1_000);
    expect(close()).toMatchObject({ at: START_MS + 1_000, commands: [tick] });
    expect(close()).toBeUndefined();
  });

  it("goes on from the state, so that a restart neither doubles nor loses one", () => {
    const restarted = openSequencer(engine.state);
    restarted.offer(START_MS + 999, []);
    expect(kinds(restarted.close()?.turn)).toEqual([]);
    const later = openSequencer(engine.state);
    later.offer(START_MS + 1_000, []);
    expect(kinds(later.close()?.turn)).toEqual(["Tick"]);
  });

  it("cannot be submitted", () => {
    expect(() => submit(tick)).toThrow(/unsupported: kind/);
  });
});

describe("commands", () => {
  it("join in their order, before the Tick", () => {
    submit(open("b"));
    submit(open("a"));
    sequencer.offer(START_MS + 1_000, []);
    expect(close()?.commands).toEqual([open("b"), open("a"), tick]);
  });

  it("make a Turn by themselves, at the market time that there is", () => {
    submit(open("a"));
    expect(close()).toMatchObject({ at: START_MS, commands: [open("a")], marks: [] });
  });

  it("wait until they are durable; marks do not wait for them", () => {
    const first = sequencer.submit(open("a"));
    const second = sequencer.submit(open("b"));
    sequencer.offer(START_MS + 1, [mark("BTC", 3)]);
    expect(kinds(close())).toEqual([]);
    expect(close()).toBeUndefined();
    sequencer.release(first.seq);
    expect(close()?.commands).toEqual([open("a")]);
    sequencer.release(second.seq);
    expect(close()?.commands).toEqual([open("b")]);
  });

  it("that could not be made durable are forgotten, and their numbers given again", () => {
    const kept = sequencer.submit(open("a"));
    const lost = sequencer.submit(open("b"));
    sequencer.release(kept.seq);
    expect(sequencer.retract(lost.seq)).toMatchObject([{ seq: lost.seq, command: open("b") }]);
    expect(sequencer.ahead().accounts.has("a")).toBe(true);
    expect(sequencer.ahead().accounts.has("b")).toBe(false);
    expect(sequencer.submit(open("c")).seq).toBe(lost.seq);
    expect(close()?.commands).toEqual([open("a")]);
  });

  it("that a stop left behind come first, in their order and under their numbers", () => {
    sequencer.resume([
      { seq: engine.state.commands + 1, command: open("a") },
      { seq: engine.state.commands + 2, command: open("b") },
    ]);
    expect(sequencer.submit(open("c")).seq).toBe(engine.state.commands + 3);
    expect(() => sequencer.submit({ ...open("a"), expect: "new" })).toThrow(/account_exists/);
    expect(close()?.commands).toEqual([open("a"), open("b")]);
  });

  it("are admitted at the time of their Turn", () => {
    sequencer.offer(START_MS + 700, []);
    const price = "1";
    const settle = { kind: "Settle", what: "expiry", instrument: "BTC-P", price };
    expect(() => sequencer.submit(settle)).toThrow(`expired by ${START_MS + 700}`);
  });

  it("are refused once too many wait", () => {
    submit(open("a"));
    const transfer = { kind: "Transfer", account: "a", currency: "USDC", amount: "1" };
    for (let i = 1; i < COMMANDS_MAX; i++) sequencer.submit(transfer);
    expect(() => sequencer.submit(transfer)).toThrow(/limit_exceeded: commands/);
  });

  it("that are too long for one Turn take several, and lose nothing", () => {
    const large = {
      kind: "GridChange",
      underlying: "BTC",
      slideRange: { initial: 0.2, maintenance: 0.15 },
      volScale: 1,
      label: "calm",
      evidence: { note: "x".repeat(TURN_JSON_BYTES_MAX / 4) },
    };
    const before = engine.state.commands;
    for (let i = 0; i < 5; i++) submit(large);
    expect([kinds(close())?.length, kinds(close())?.length, close()]).toEqual([3, 2, undefined]);
    expect(engine.state.commands).toBe(before + 5);
  });

  it("that are longer than a Turn are refused before anything else", () => {
    const note = "x".repeat(TURN_JSON_BYTES_MAX);
    expect(() => sequencer.submit({ kind: "Fill", note })).toThrow(/limit_exceeded: commands/);
  });
});
