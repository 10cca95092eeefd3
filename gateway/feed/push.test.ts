/** The push feed: listed by a file, marked by whoever puts marks, aged by the clock. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadTerms, termsHash } from "../../config/terms.ts";
import { LINEAGE } from "../flow.test-kit.ts";
import { openFlow } from "../flow.ts";
import { memoryList } from "../journal/list.ts";
import { liveBoard } from "../live-board.ts";
import { fakeClock } from "../stream/stream.test-kit.ts";
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
    ...{ terms, termsHash: termsHash(terms) },
  });
  const port = openMarksPort({
    flow,
    accept: (event) => flow.accept(event),
    now: clockTime(clock),
  });
  return { clock, feed, flow, port };
}

describe("a push feed", () => {
  it("lists what its file lists, and margins what is put", async () => {
    const { feed, flow, port, clock } = pushed(written("listing.json", listing));
    expect(feed.listing.instruments.map(({ id }) => id)).toEqual(["BTC-PERP", "BTC-FUT", "BTC-C"]);
    const put = (value: number) =>
      port.put(
        {
          marks: [
            { id: "BTC", value },
            { id: "USDC", value: 1 },
            { id: "BTC-PERP", value },
            { id: "BTC-C", value: 0.6 },
          ],
        },
        "feed",
      );
    expect(put(60_000)).toMatchObject({ accepted: 4, refused: [], at: feed.startMs + 1 });
    const account = "a";
    await flow.apply({ kind: "Account", account, mode: "portfolio" });
    const balances = [{ currency: "USDC", amount: "100000" }];
    await flow.apply({ kind: "Balances", account, balances });
    const fills = [{ instrument: "BTC-PERP", quantity: "1", price: "60000" }];
    await flow.apply({ kind: "Fill", account, fills });
    clock.advance(500);
    expect(put(59_000)).toMatchObject({ accepted: 4, at: feed.startMs + 500 });
    const margin = flow.engine.margin(account)!.margin;
    expect(margin.missing).toEqual([]);
    expect(margin.equity.initial).toBeCloseTo(99_000, 6);
    expect(liveBoard(flow, feed.barMs).ready()).toBe(true);
  });

  it("lets time pass by the clock, a Tick a second; what is not marked grows stale", async () => {
    const { feed, flow, port, clock } = pushed(written("listing.json", listing));
    port.put({ marks: [{ id: "BTC", value: 60_000 }] }, "feed");
    const beats = feed.events()[Symbol.asyncIterator]();
    const board = liveBoard(flow, feed.barMs);
    expect(board.ready()).toBe(true);
    for (let second = 0; second <= 200; second++) {
      const next = beats.next();
      await Promise.resolve();
      clock.advance(second === 0 ? 0 : PUSH_BEAT_MS);
      flow.accept((await next).value!);
    }
    expect(flow.engine.state.at - feed.startMs).toBe(200 * PUSH_BEAT_MS);
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
