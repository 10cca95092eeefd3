/** Marks that are put: their moments, their keys, and what is remembered of them. */
import { describe, expect, it } from "vitest";
import { eventsOf, flowOver, smallSim } from "../flow.test-kit.ts";
import { AHEAD_MS_MAX, clockTime, flowTime, openMarksPort, PUT_KEYS_MAX } from "./marks-port.ts";

const feed = smallSim(600);

function portOf(clock?: { now(): number }) {
  const { flow } = flowOver(feed);
  for (const event of eventsOf(feed, 30)) flow.accept(event);
  const { state } = flow.engine;
  const now = clock === undefined ? flowTime(flow) : clockTime(clock);
  const port = openMarksPort({ flow, accept: (event) => flow.accept(event), now });
  const index = state.market.underlyings.get("BTC")!.index;
  return { flow, port, state, index };
}

describe("a moment of market time", () => {
  it("is the clock's, and a millisecond later where the clock has not moved", () => {
    let nowMs = feed.startMs + 60_000.25;
    const { port, index } = portOf({ now: () => nowMs });
    const put = (i: number) => port.put({ marks: [{ id: "BTC", value: index + i / 100 }] }, "k");
    const [first, second] = [put(0), put(1)];
    nowMs += 500;
    expect([first, second, put(2)].map(({ at }) => at - feed.startMs)).toEqual([
      60_000, 60_001, 60_500,
    ]);
    expect(second.accepted).toBe(1);
  });

  it("never runs further ahead of the clock than it may, and says when to come again", () => {
    const start = feed.startMs + 60_000;
    const { port, index, state } = portOf({ now: () => start });
    const put = (i: number) => port.put({ marks: [{ id: "BTC", value: index + i / 1e6 }] }, "k");
    for (let i = 0; i <= AHEAD_MS_MAX; i++) expect(put(i).accepted).toBe(1);
    const detail = expect.objectContaining({ retryAfterMs: AHEAD_MS_MAX + 1 });
    const refusal = expect.objectContaining({ code: "rate_limited", detail });
    expect(() => put(0)).toThrow(refusal);
    expect(state.at - start).toBe(AHEAD_MS_MAX);
  });

  it("beside another feed is just after that feed's", () => {
    const { port, index, state } = portOf();
    const { at } = state;
    expect(port.put({ marks: [{ id: "BTC", value: index }] }, "k").at).toBe(at + 1);
  });
});

describe("an idempotency key", () => {
  it("is the sender's own", () => {
    const { port, index } = portOf();
    const params = { marks: [{ id: "BTC", value: index }], idempotencyKey: "m" };
    expect(port.put(params, "one").replayed).toBe(false);
    expect(port.put(params, "other").replayed).toBe(false);
    expect(port.put(params, "one").replayed).toBe(true);
  });

  it("is forgotten after as many others as are remembered", () => {
    const { port } = portOf();
    const put = (i: number) =>
      port.put({ marks: [{ id: "nothing", value: 1 }], idempotencyKey: `m${i}` }, "k");
    for (let i = 0; i <= PUT_KEYS_MAX; i++) put(i);
    expect([put(PUT_KEYS_MAX).replayed, put(1).replayed, put(0).replayed]).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe("a jump beside a trusted feed", () => {
  it("is withheld until it was said three times over three seconds of market time", () => {
    const { flow, port, index, state } = portOf();
    const crash = () => port.put({ marks: [{ id: "BTC", value: index * 0.7 }] }, "k");
    const shown = () => state.market.underlyings.get("BTC")!.index;
    const guessed = { accepted: 0, refused: ["BTC"], reasons: { held: 1 }, why: { BTC: "held" } };
    for (let i = 0; i < 3; i++) expect(crash()).toMatchObject(guessed);
    flow.accept({ kind: "marks", at: state.at + 2_500, marks: [] });
    expect(crash()).toMatchObject(guessed);
    expect(shown()).toBe(index);
    flow.accept({ kind: "marks", at: state.at + 500, marks: [] });
    expect(crash()).toMatchObject({ accepted: 1 });
    expect(shown()).toBe(index * 0.7);
  });

  it("is not confirmed by levels that do not agree, and casts no doubt on the feed", () => {
    const { flow, port, index, state } = portOf();
    for (const [i, factor] of [0.7, 1.3, 0.7, 1.3, 0.7, 1.3].entries()) {
      const value = index * factor;
      expect(port.put({ marks: [{ id: "BTC", value }] }, "k").why, `${i}`).toEqual({ BTC: "held" });
      const own = { id: "BTC", value: index * (1 + i / 1e4), extra: 0 };
      flow.accept({ kind: "marks", at: state.at + 1_000, marks: [own] });
      expect(state.market.underlyings.get("BTC")!.index).toBe(own.value);
    }
    expect(flow.guard.standing()).toMatchObject({ state: "OK", doubted: 0 });
  });

  it("once believed is taken back by the feed's own next mark", () => {
    const { flow, port, index, state } = portOf();
    for (let i = 0; i < 4; i++) {
      port.put({ marks: [{ id: "BTC", value: index * 0.3 }] }, "k");
      flow.accept({ kind: "marks", at: state.at + 1_000, marks: [] });
    }
    expect(state.market.underlyings.get("BTC")!.index).toBe(index * 0.3);
    const own = { id: "BTC", value: index, extra: 0 };
    flow.accept({ kind: "marks", at: state.at + 1_000, marks: [own] });
    expect(state.market.underlyings.get("BTC")!.index).toBe(index);
  });

  it("may not call itself a source", () => {
    const { port, index } = portOf();
    const params = { marks: [{ id: "BTC", value: index }], source: "sim" };
    const refusal = { code: "unknown_value", detail: { path: "params.source" } };
    expect(() => port.put(params, "k")).toThrow(
      expect.objectContaining({ ...refusal, detail: expect.objectContaining(refusal.detail) }),
    );
  });

  it("cannot stand before the feed by the time that it gives itself", () => {
    const { flow, port, index, state } = portOf();
    const madeAt = state.at + 1_500;
    const marks = [{ id: "BTC", value: index * 1.001, madeAt }];
    expect(port.put({ marks }, "k").accepted).toBe(1);
    const own = { id: "BTC", value: index * 1.002, extra: 0 };
    flow.accept({ kind: "marks", at: state.at + 500, marks: [own] });
    expect(state.market.underlyings.get("BTC")!.index).toBe(own.value);
  });
});

describe("what became of marks", () => {
  it("is told by id, with the guard's reasons counted", () => {
    const { port, index, state } = portOf();
    const answer = port.put(
      {
        marks: [
          { id: "BTC", value: index * 1.001 },
          { id: "no-such", value: 1 },
          { id: "nor-this", value: 1 },
          { id: "ETH", value: 0 },
        ],
      },
      "k",
    );
    expect(answer).toEqual({
      ...{ at: state.at, turn: state.seq, accepted: 1, replayed: false },
      refused: ["no-such", "nor-this", "ETH"],
      reasons: { unknown: 2, not_positive: 1 },
      why: { "no-such": "unknown", "nor-this": "unknown", ETH: "not_positive" },
    });
    expect(state.market.underlyings.get("BTC")!.index).toBe(index * 1.001);
  });
});
