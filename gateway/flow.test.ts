import { describe, expect, it } from "vitest";
import { loadTerms, termsHash } from "../config/terms.ts";
import type { Submission } from "../core/engine/command.ts";
import type { Turn } from "../core/engine/turn.ts";
import { decodeTurn } from "../core/engine/turn-decode.ts";
import { RiskError } from "../core/errors.ts";
import type { FeedEvent } from "./feed/feed.ts";
import {
  EIGHT_MS,
  eventsOf,
  flowOver,
  heldList,
  LINEAGE,
  marginBits,
  openDemo,
  type Recorded,
  replayed,
  smallSim,
  stateHash,
} from "./flow.test-kit.ts";
import { openFlow } from "./flow.ts";
import { memoryList } from "./journal/list.ts";
import { liveBoard } from "./live-board.ts";

const turnsOf = ({ list }: Pick<Recorded, "list">): Turn[] =>
  [...list.read(1)].map(({ bytes }) => decodeTurn(bytes));
const commandsOf = (turns: readonly Turn[]) => turns.flatMap(({ commands }) => commands);
const settlements = (turns: readonly Turn[]) =>
  commandsOf(turns).flatMap((command) =>
    command.kind === "Settle" ? [`${command.what} ${command.instrument}`] : [],
  );

/** A flow that has folded the first event, with the demonstration's accounts open. */
function begun(changes: Parameters<typeof flowOver>[1] = {}): Recorded & { rest: FeedEvent[] } {
  const feed = smallSim();
  const recorded = flowOver(feed, changes);
  const [first, ...rest] = eventsOf(feed, 20);
  recorded.flow.accept(first!);
  openDemo(recorded.flow);
  return { ...recorded, rest };
}

describe("the list", () => {
  it("begins with the terms and the listing, at the market's own time", () => {
    const feed = smallSim();
    const terms = loadTerms("slidewire");
    const [first, ...others] = turnsOf(flowOver(feed));
    expect(others).toEqual([]);
    expect(first).toMatchObject({ seq: 1, at: feed.startMs, lineage: LINEAGE });
    expect(first!.commands.map(({ kind }) => kind)).toEqual(["TermsChange", "Listing", "Tick"]);
    expect(first!.commands[0]).toEqual({ kind: "TermsChange", terms, hash: termsHash(terms) });
  });

  it("holds one Turn a second and a Tick in each, and no Turn spans a second", () => {
    const { flow, list, rest } = begun();
    for (const event of rest) flow.accept(event);
    const turns = turnsOf({ list });
    for (const { commands } of turns) {
      expect(commands.filter(({ kind }) => kind === "Tick").length).toBeLessThanOrEqual(1);
    }
    const ticked = turns.filter(({ commands }) => commands.some(({ kind }) => kind === "Tick"));
    const seconds = ticked.map(({ at }) => Math.floor(at / 1000));
    expect(new Set(seconds).size).toBe(seconds.length);
  });

  it("folds again to the same state and the same margins, twice", () => {
    const { flow, list, terms, rest } = begun();
    for (const event of rest) flow.accept(event);
    for (const again of [replayed({ list, terms }), replayed({ list, terms })]) {
      expect(stateHash(again)).toBe(stateHash(flow.engine));
      expect(marginBits(again)).toEqual(marginBits(flow.engine));
    }
    expect(Object.keys(marginBits(flow.engine))).toHaveLength(7);
  });

  it("is the same bytes whoever watches", () => {
    const watched = begun();
    const alone = begun();
    const board = liveBoard(watched.flow, smallSim().barMs);
    const look = () => {
      for (const id of board.accounts()) {
        board.statement(id);
        board.book(id);
        board.positions(id);
      }
      for (const id of board.underlyings()) board.regime(id);
    };
    watched.rest.forEach((event, i) => {
      watched.flow.accept(event);
      if (i % 8 === 0) look();
      alone.flow.accept(event);
    });
    expect([...watched.list.read(1)]).toEqual([...alone.list.read(1)]);
    expect(stateHash(watched.flow.engine)).toBe(stateHash(alone.flow.engine));
    expect(marginBits(watched.flow.engine)).toEqual(marginBits(alone.flow.engine));
  });
});

describe("08:00 UTC", () => {
  it("settles what expires, funds perpetuals and ends the session, in the list", () => {
    const { flow, list, rest } = begun();
    const { state } = flow.engine;
    const expiring = [...state.market.instruments.values()]
      .map(({ spec }) => spec)
      .filter(({ expiryMs }) => expiryMs === EIGHT_MS);
    expect(expiring.length).toBeGreaterThan(5);
    const held = [...state.accounts.get("mm-1")!.positions.keys()];
    for (const event of rest) flow.accept(event);
    const told = settlements(turnsOf({ list }));
    expect(told.filter((one) => one.startsWith("expiry"))).toHaveLength(expiring.length);
    for (const id of ["BTC_USDC-PERPETUAL", "ETH_USDC-PERPETUAL"]) {
      expect(told.filter((one) => one === `funding ${id}`)).toHaveLength(1);
      expect(told.filter((one) => one === `session ${id}`)).toHaveLength(1);
    }
    for (const { id } of expiring) {
      expect(state.market.instruments.has(id)).toBe(false);
      expect(state.accounts.get("mm-1")!.positions.has(id)).toBe(false);
    }
    expect(held.some((id) => expiring.some((spec) => spec.id === id))).toBe(true);
    for (const id of state.accounts.keys()) expect(flow.engine.missing(id)).toEqual([]);
    expect(flow.refused()).toBe(0);
  });

  it("leaves cash conserved, to the last 1e-12", () => {
    const { flow, rest } = begun();
    for (const event of rest) flow.accept(event);
    const { venue, accounts } = flow.engine.state;
    expect(venue.size).toBeGreaterThan(1);
    for (const [currency, sides] of venue) {
      let sum = Object.values(sides).reduce((total, amount) => total + amount, 0n);
      for (const { balances } of accounts.values()) sum += balances.get(currency) ?? 0n;
      expect(sum, currency).toBe(0n);
    }
  });

  it("settles at the last index where the feed declares no price", () => {
    const { flow, rest } = begun();
    const { state } = flow.engine;
    for (const event of rest) {
      if (event.kind !== "expiry") {
        flow.accept(event);
        continue;
      }
      flow.accept({ ...event, settlement: [] });
      for (const id of event.instruments) expect(state.market.instruments.has(id)).toBe(false);
    }
    expect(flow.refused()).toBe(0);
  });

  it("settles though the feed says nothing of it", () => {
    const { flow, rest } = begun();
    for (const event of rest) if (event.kind !== "expiry") flow.accept(event);
    const { instruments } = flow.engine.state.market;
    for (const { spec } of instruments.values())
      expect(spec.expiryMs ?? Infinity).toBeGreaterThan(EIGHT_MS);
  });
});

describe("a wall second without marks", () => {
  it("makes a Turn with a Tick, market time standing", () => {
    const { flow, list } = begun();
    const { at, seq } = flow.engine.state;
    flow.idle();
    flow.idle();
    const turns = turnsOf({ list }).slice(seq);
    expect(turns.map((turn) => [turn.at, turn.commands])).toEqual([
      [at, [{ kind: "Tick" }]],
      [at, [{ kind: "Tick" }]],
    ]);
  });

  it("lets market time pass where somebody says how far, and settles what that makes due", () => {
    const { flow, list } = begun();
    const { seq } = flow.engine.state;
    flow.idle(EIGHT_MS);
    expect(flow.engine.state.at).toBe(EIGHT_MS);
    expect(settlements(turnsOf({ list }).slice(seq)).length).toBeGreaterThan(10);
  });
});

describe("market time before 1970", () => {
  it("passes like any other, from the first event on", () => {
    const { listing, barMs } = smallSim();
    const terms = loadTerms("slidewire");
    const list = memoryList();
    const of = { listing, barMs, terms, termsHash: termsHash(terms), lineage: LINEAGE, list };
    const flow = openFlow(of);
    const { state } = flow.engine;
    for (const at of [-1e12, -1e12 + 999, -1e12 + 1_000]) {
      flow.accept({ kind: "marks", at, marks: [{ id: "BTC", value: 17 + at / 1e12, extra: 0 }] });
    }
    expect([state.at, state.market.asOfMs]).toEqual([-1e12 + 1_000, -1e12 + 1_000]);
    expect(stateHash(replayed({ list, terms }))).toBe(stateHash(flow.engine));
  });
});

describe("what the flow says by itself", () => {
  it("is refused without harm when it cannot be, and told", () => {
    const told: string[] = [];
    const { flow } = begun({ onRefused: (error) => told.push(error.code) });
    const { spec } = [...flow.engine.state.market.instruments.values()].at(-1)!;
    const other = { ...spec, strike: 1 };
    const { at } = flow.engine.state;
    flow.accept({ kind: "listing", at, instruments: [other] });
    expect([flow.refused(), told]).toEqual([1, ["already_listed"]]);
    flow.accept({ kind: "marks", at: at + 1, marks: [{ id: spec.id, value: 0.5, extra: 0 }] });
    expect(flow.engine.state.market.instruments.get(spec.id)!.spec).toEqual(spec);
  });

  it("is the regime's decision in the Turn after the one that it is about", async () => {
    const feed = smallSim(700);
    const { flow, list } = flowOver(feed);
    await flow.warm(feed.warm());
    for (const event of eventsOf(feed, 700)) flow.accept(event);
    const changes = commandsOf(turnsOf({ list })).filter(({ kind }) => kind === "GridChange");
    expect(changes.length).toBeGreaterThanOrEqual(2);
    const { market, published } = flow.engine.state;
    expect([...market.ranges.keys()].sort()).toEqual(["BTC", "ETH"]);
    expect([...published.keys()].sort()).toEqual(["BTC", "ETH"]);
  });
});

const deposit = (amount: string, key?: string): Submission => ({
  kind: "Transfer",
  account: "perp-1",
  currency: "USDC",
  amount,
  ...(key === undefined ? {} : { key }),
});

describe("applying a command", () => {
  it("answers with its number, the account's version and the lineage", async () => {
    const { flow } = begun();
    const { commands, accounts } = flow.engine.state;
    const { version } = accounts.get("perp-1")!;
    expect(await flow.apply(deposit("5"))).toEqual({
      seq: commands + 1,
      lineage: LINEAGE,
      version: version + 1,
      durable: false,
      replayed: false,
    });
    expect(flow.engine.state.commands).toBe(commands + 1);
  });

  it("answers a key again as it did, and folds it once", async () => {
    const { flow } = begun();
    const before = flow.engine.state.accounts.get("perp-1")!.balances.get("USDC")!;
    const first = await flow.apply(deposit("5", "k"));
    expect(await flow.apply(deposit("5", "k"))).toEqual({ ...first, replayed: true });
    const after = flow.engine.state.accounts.get("perp-1")!.balances.get("USDC")!;
    expect(after - before).toBe(5n * 10n ** 12n);
  });

  it("refuses another version than the one expected", async () => {
    const { flow } = begun();
    const { version } = flow.engine.state.accounts.get("perp-1")!;
    const stale = flow.apply(deposit("5"), { expectedVersion: version - 1 });
    await expect(stale).rejects.toMatchObject({ code: "conflict" });
    await expect(flow.apply(deposit("5"), { expectedVersion: version })).resolves.toBeDefined();
  });

  it("refuses what may not enter, and enters nothing", async () => {
    const { flow } = begun();
    const { seq } = flow.engine.state;
    await expect(flow.apply(deposit("-1000000000"))).rejects.toMatchObject({
      code: "insufficient_headroom",
    });
    expect(flow.engine.state.seq).toBe(seq);
  });
});

describe("a command on its way to disk", () => {
  /** A flow whose account chain answers when told to. */
  async function held() {
    const commands = heldList();
    const feed = smallSim();
    const recorded = flowOver(feed, { commands });
    await commands.answerAll();
    const [first, ...rest] = eventsOf(feed, 5);
    recorded.flow.accept(first!);
    const open = recorded.flow.apply({ kind: "Account", account: "perp-1", mode: "portfolio" });
    await commands.answerAll();
    await open;
    return { ...recorded, commands, rest };
  }

  it("stands in no Turn before its append is answered; marks go on", async () => {
    const { flow, commands, rest } = await held();
    const applied = flow.apply(deposit("5"));
    const { seq } = flow.engine.state;
    flow.accept(rest[0]!);
    expect(flow.engine.state.seq).toBeGreaterThan(seq);
    expect(flow.engine.state.accounts.get("perp-1")!.balances.size).toBe(0);
    await commands.answer();
    expect(await applied).toMatchObject({ durable: true, replayed: false });
    expect(flow.engine.state.accounts.get("perp-1")!.balances.size).toBe(1);
  });

  it("that cannot be written is taken back with all behind it; the next is tried", async () => {
    const { flow, commands } = await held();
    const full = new RiskError("unreadable_file", { expected: "room on the disk" });
    const one = flow.apply(deposit("5", "k"));
    const again = flow.apply(deposit("5", "k"));
    const two = flow.apply(deposit("7"));
    const answers = Promise.allSettled([one, again, two]);
    await commands.answer(full);
    await commands.answer(new RiskError("conflict"));
    const told = await answers;
    expect(told.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(told[1]).toMatchObject({ reason: full });
    expect(flow.engine.state.accounts.get("perp-1")!.balances.size).toBe(0);
    const next = flow.apply(deposit("9", "k"));
    await commands.answer();
    expect(await next).toMatchObject({ replayed: false, version: 2 });
  });

  it("is answered once for a key that is sent twice before it is written", async () => {
    const { flow, commands } = await held();
    const first = flow.apply(deposit("5", "k"));
    const second = flow.apply(deposit("5", "k"));
    expect(commands.waits()).toBe(1);
    await commands.answer();
    expect((await second).replayed).toBe(true);
    expect((await first).seq).toBe((await second).seq);
  });
});

describe("a Turn that cannot be written", () => {
  it("does not stop margins, and is told", async () => {
    const list = heldList();
    const feed = smallSim();
    const { flow } = flowOver(feed, { list, commands: memoryList() });
    expect(flow.unwritten()).toBeUndefined();
    const full = new RiskError("unreadable_file");
    await list.answer(full);
    expect(flow.unwritten()).toBe(full);
    for (const event of eventsOf(feed, 3)) flow.accept(event);
    expect(flow.engine.state.seq).toBeGreaterThanOrEqual(4);
  });

  it("that another writer came before ends the flow", () => {
    const list = memoryList();
    const feed = smallSim();
    const { flow } = flowOver(feed, { list });
    list.append([new Uint8Array(1)], list.lastSeq() + 1);
    expect(() => flow.accept(eventsOf(feed, 1)[0]!)).toThrow(/conflict/);
  });
});
