/** The push feed: listed by a file, marked by whoever puts marks, aged by the clock. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { regimeTerms } from "../../config/regime.ts";
import { loadTerms, termsHash } from "../../config/terms.ts";
import { changedTerms, termChanges } from "../../regime/index.ts";
import { LINEAGE } from "../flow.test-kit.ts";
import { openFlow } from "../flow.ts";
import { memoryList } from "../journal/list.ts";
import { liveBoard } from "../live-board.ts";
import { fakeClock } from "../stream/stream.test-kit.ts";
import { guardOf } from "./guard/of-feed.ts";
import { clockTime, openMarksPort } from "./marks-port.ts";
import { openPush, PUSH_BEAT_MS } from "./push.ts";

const folder = mkdtempSync(join(tmpdir(), "slidewire-push-"));
afterAll(() => rmSync(folder, { recursive: true }));
const written = (name: string, document: unknown): string => {
  const file = join(folder, name);
  writeFileSync(file, typeof document === "string" ? document : JSON.stringify(document));
  return file;
};

const perpetual = { kind: "perpetual", underlying: "BTC", contractSize: 1, settleCurrency: "USDC" };
const expiry = "2027-06-25T08:00:00Z";
const listing = {
  slidewire: "listing/1",
  underlyings: { BTC: {} },
  currencies: { USDC: {}, BTC: { underlying: "BTC" } },
  instruments: {
    "BTC-PERP": perpetual,
    "BTC-FUT": { ...perpetual, kind: "future", expiry },
    "BTC-C": { ...perpetual, kind: "option", right: "call", strike: 60_000, expiry },
  },
};

function pushed(file: string) {
  const clock = fakeClock();
  const feed = openPush({ file, clock });
  const terms = loadTerms("slidewire");
  const flow = openFlow({
    listing: feed.listing,
    barMs: feed.barMs,
    startMs: feed.startMs,
    list: memoryList(),
    lineage: LINEAGE,
    guard: guardOf(feed),
    ...{ terms, termsHash: termsHash(terms) },
  });
  const port = openMarksPort({
    flow,
    accept: (event) => flow.accept(event),
    now: clockTime(clock),
    feed,
  });
  /** Puts prices as `sender`, a second after the last time. */
  function say(prices: Readonly<Record<string, number>>, sender = "feed", source?: string) {
    const marks = Object.entries(prices).map(([id, value]) => ({ id, value }));
    clock.advance(1_000);
    return port.put({ marks, ...(source === undefined ? {} : { source }) }, sender);
  }
  const index = () => flow.engine.state.market.underlyings.get("BTC")!.index;
  const state = () => flow.engine.state.markState.state;
  return { clock, feed, flow, port, say, index, state };
}

describe("a push feed", () => {
  it("lists what its file lists, and margins what is put", async () => {
    const { feed, flow, say } = pushed(written("listing.json", listing));
    expect(feed.listing.instruments.map(({ id }) => id)).toEqual(["BTC-PERP", "BTC-FUT", "BTC-C"]);
    const all = (value: number) => ({ BTC: value, USDC: 1, "BTC-PERP": value, "BTC-C": 0.6 });
    const answers = [0, 1, 2, 3].map(() => say(all(60_000)));
    expect(answers.map(({ accepted }) => accepted)).toEqual([0, 0, 0, 4]);
    const account = "a";
    await flow.apply({ kind: "Account", account, mode: "portfolio" });
    const balances = [{ currency: "USDC", amount: "100000" }];
    await flow.apply({ kind: "Balances", account, balances });
    const fills = [{ instrument: "BTC-PERP", quantity: "1", price: "60000" }];
    await flow.apply({ kind: "Fill", account, fills });
    expect(say(all(59_500))).toMatchObject({ accepted: 4, at: feed.startMs + 5_000 });
    const margin = flow.engine.margin(account)!.margin;
    expect(margin.missing).toEqual([]);
    expect(margin.equity.initial).toBeCloseTo(99_500, 6);
    expect(liveBoard(flow, feed.barMs).ready()).toBe(true);
  });

  it("lets time pass by the clock, a Tick a second; what is not marked grows stale", async () => {
    const { feed, flow, say, clock } = pushed(
      written("listing.json", { ...listing, trusted: true }),
    );
    say({ BTC: 60_000 });
    const beats = feed.events()[Symbol.asyncIterator]();
    const board = liveBoard(flow, feed.barMs);
    expect(board.ready()).toBe(true);
    for (let second = 0; second <= 200; second++) {
      const next = beats.next();
      await Promise.resolve();
      clock.advance(second === 0 ? 0 : PUSH_BEAT_MS);
      flow.accept((await next).value!);
    }
    expect(flow.engine.state.at - feed.startMs).toBe(201 * PUSH_BEAT_MS);
    expect(flow.engine.state.market.asOfMs).toBe(flow.engine.state.at);
    expect(board.ready()).toBe(false);
  });

  it("goes on from a recovered market, and never before it", () => {
    const file = written("listing.json", listing);
    const clock = fakeClock();
    const at = clock.now() + 5_000;
    const resume = { at, index: new Map([["BTC", 61_000]]), instruments: [] };
    expect(openPush({ file, clock, resume })).toMatchObject({ startMs: at });
  });

  it("takes the market of a book document too, without its marks", () => {
    const book = {
      slidewire: "book/1",
      asOf: "2026-06-25T08:00:00Z",
      market: {
        underlyings: { BTC: { index: 60_000 } },
        currencies: { USDC: {} },
        instruments: { "BTC-PERP": { ...perpetual, mark: 60_000 } },
      },
      account: { id: "a" },
    };
    const { listing: found } = openPush({ file: written("book.json", book), clock: fakeClock() });
    expect(found).toEqual({
      underlyings: [{ id: "BTC", assetClass: "crypto" }],
      currencies: [{ id: "USDC" }],
      instruments: [{ id: "BTC-PERP", settlement: "linear", ...perpetual }],
    });
  });

  it.each([
    ["nothing", undefined, "unreadable_file", "missing.json"],
    ["no JSON", "{", "malformed_json", undefined],
    ["another document", { slidewire: "terms/1" }, "unknown_value", "slidewire"],
    [
      "an index that is not listed",
      { ...listing, underlyings: {} },
      "unknown_underlying",
      undefined,
    ],
    [
      "a strike on a perpetual",
      { ...listing, instruments: { P: { ...perpetual, strike: 1 } } },
      "unknown_key",
      undefined,
    ],
  ])("refuses %s by name", (_, document, code, path) => {
    const file =
      document === undefined ? join(folder, "missing.json") : written("bad.json", document);
    const detail = path === undefined ? {} : { path: expect.stringContaining(path) };
    expect(() => openPush({ file, clock: fakeClock() })).toThrow(
      expect.objectContaining({ code, detail: expect.objectContaining(detail) }),
    );
  });
});

describe("one source that nobody vouches for", () => {
  const lone = () => {
    const gateway = pushed(written("listing.json", listing));
    for (let i = 0; i < 4; i++) gateway.say({ BTC: 60_000 });
    return gateway;
  };

  it("moves the mark at once while the move is ordinary, and the state is DEGRADED", () => {
    const { say, index, state } = lone();
    expect(state()).toBe("DEGRADED");
    expect(say({ BTC: 60_400 }).accepted).toBe(1);
    expect(index()).toBe(60_400);
  });

  it.each([
    // price   seconds that it must stand
    [54_000, 3],
    [15_000, 60],
  ])("is not believed when it says %d once, and is after %d s", (price, seconds) => {
    const { say, index } = lone();
    for (let i = 0; i < seconds; i++) expect(say({ BTC: price }).why).toEqual({ BTC: "held" });
    expect(index()).toBe(60_000);
    expect(say({ BTC: price }).accepted).toBe(1);
    expect(index()).toBe(price);
  });

  it("keeps the emergency lane shut, and no decision on parameters can open it", () => {
    const { flow } = lone();
    const terms = regimeTerms("crypto");
    const open = { ...terms, emergency: { ...terms.emergency, enabled: true } };
    const lane = flow.regimes.get("BTC")!.terms.emergency;
    expect(lane.enabled).toBe(false);
    expect(termChanges({ ...open, emergency: lane }, open)).toEqual([]);
    const change = { path: "emergency.enabled", before: 0, after: 1 };
    const refusal = expect.objectContaining({ code: "unknown_key" });
    expect(() => changedTerms(terms, [change])).toThrow(refusal);
  });
});

describe("declared sources", () => {
  const three = { ...listing, sources: ["a", "b", { name: "c", keyId: "desk-c" }] };
  const started = (document: object = three) => {
    const gateway = pushed(written("sources.json", document));
    for (const source of ["a", "b"]) gateway.say({ BTC: 60_000 }, "ops", source);
    gateway.say({ BTC: 60_010 }, "desk-c");
    return gateway;
  };

  it("are held against each other: one alone moves nothing, two of three do", () => {
    const { say, index } = started();
    const before = index();
    expect(say({ BTC: 15_000 }, "ops", "a")).toMatchObject({ why: { BTC: "outvoted" } });
    expect(index()).toBe(before);
    say({ BTC: 60_020 }, "b");
    say({ BTC: 45_000 }, "a");
    say({ BTC: 45_010 }, "b");
    expect(index()).toBe(45_010);
  });

  it("are enough for the state to be OK when two of them speak", () => {
    const { say, state } = started();
    expect(state()).toBe("DEGRADED");
    for (let i = 0; i < 600; i++) say({ BTC: 60_000 + i }, i % 2 === 0 ? "a" : "b");
    expect(state()).toBe("OK");
  });

  it("are quarantined when the others contradict them", () => {
    const { say, flow } = started();
    for (let i = 0; i < 4; i++) {
      say({ BTC: 50_000 }, "a");
      say({ BTC: 60_001 + i }, "b");
      say({ BTC: 60_002 + i }, "desk-c");
    }
    expect(flow.guard.standing().quarantined).toEqual(["BTC a"]);
  });

  it.each([
    // asked       sender     code
    ["d", "ops", "unknown_value"],
    ["c", "ops", "forbidden"],
    [undefined, "ops", "missing_field"],
    [undefined, "c", "missing_field"],
  ])("%s asked for by key %s is %s", (asked, sender, code) => {
    const { say } = started();
    const detail = expect.objectContaining({ path: "params.source" });
    expect(() => say({ BTC: 60_000 }, sender, asked)).toThrow(
      expect.objectContaining({ code, detail }),
    );
  });

  it("of which there is one are spoken for by whoever may put marks", () => {
    const { say } = pushed(written("one.json", { ...listing, sources: ["a"], trusted: true }));
    expect(say({ BTC: 60_000 }, "ops").accepted).toBe(1);
    expect(say({ BTC: 60_001 }, "ops", "a").accepted).toBe(1);
  });

  it.each([
    ["a name twice", ["a", { name: "a" }], "out_of_bounds"],
    ["a key twice", ["a", "b"].map((name) => ({ name, keyId: "k" })), "out_of_bounds"],
    ["a name with a blank", ["by hand"], "wrong_type"],
    ["33 of them", Array.from({ length: 33 }, (_, i) => `s${i}`), "limit_exceeded"],
  ])("may not be %s", (_, sources, code) => {
    const file = written("bad-sources.json", { ...listing, sources });
    expect(() => openPush({ file, clock: fakeClock() })).toThrow(expect.objectContaining({ code }));
  });
});

describe("what a mark says of itself", () => {
  it("is heard: how sure its source is, and when it was made", () => {
    const { port, clock, flow, index } = pushed(written("one.json", { ...listing, trusted: true }));
    clock.advance(1_000);
    const wide = { id: "BTC", value: 60_000, halfWidth: 3_000 };
    expect(port.put({ marks: [wide] }, "k").accepted).toBe(1);
    expect(flow.engine.state.markState.confidence).toEqual([{ id: "BTC", confidence: 0.95 }]);
    clock.advance(1_000);
    const late = { id: "BTC", value: 61_000, madeAt: clock.now() - 1_500 };
    expect(port.put({ marks: [late] }, "k").why).toEqual({ BTC: "late" });
    expect(index()).toBe(60_000);
  });
});
