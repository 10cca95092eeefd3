/** The state of the marks on its way through the list: told, folded, shown, and replayed. */
import { describe, expect, it } from "vitest";
import type { MarkStateCommand } from "../core/engine/command.ts";
import { decodeTurn } from "../core/engine/turn-decode.ts";
import type { FeedEvent } from "./feed/feed.ts";
import { eventsOf, flowOver, openDemo, replayed, smallSim, stateHash } from "./flow.test-kit.ts";
import { liveBoard } from "./live-board.ts";

const SECOND = 1_000;
/** Before 08:00, so that nothing expires meanwhile. */
const sim = () => smallSim(120);

const without = (event: FeedEvent, id: string): FeedEvent =>
  event.kind === "marks"
    ? { ...event, marks: event.marks.filter((mark) => mark.id !== id) }
    : event;

/** The first event with the accounts opened, then `count` seconds without a mark of `silent`. */
function silenced(silent: string, count: number) {
  const recorded = flowOver(sim(), { guard: { trusted: true } });
  const [first, ...rest] = eventsOf(sim(), count + 1);
  recorded.flow.accept(first!);
  openDemo(recorded.flow);
  for (const event of rest) recorded.flow.accept(without(event, silent));
  return recorded;
}

function told(list: ReturnType<typeof flowOver>["list"]): MarkStateCommand[] {
  return [...list.read(1)]
    .flatMap(({ bytes }) => decodeTurn(bytes).commands)
    .filter((command) => command.kind === "MarkState");
}

describe("the state of the marks in the list", () => {
  it("is not told while all is well", () => {
    const { list, flow } = silenced("nobody", 60);
    expect(told(list)).toEqual([]);
    expect(flow.engine.state.markState.state).toBe("OK");
  });

  it("says that an index is stale, once, and when it is not", () => {
    const { flow, list } = silenced("BTC", 10);
    expect(told(list)).toEqual([
      { kind: "MarkState", state: "DEGRADED", stale: ["BTC"], quarantined: [] },
    ]);
    for (const event of eventsOf(sim(), 40).slice(11)) flow.accept(event);
    expect(told(list).at(-1)).toMatchObject({ state: "OK", stale: [] });
  });

  it("is in every margin that depends on it, and in no other", () => {
    const { flow } = silenced("ETH", 10);
    const board = liveBoard(flow, sim().barMs);
    const marks = (account: string) => board.margin(account, true)!["marks"];
    const held = [...flow.engine.state.accounts.keys()].map((id) => [
      flow.engine.margin(id)!.margin.underlyings.some(({ view }) => view.id === "ETH"),
      (marks(id) as MarkStateCommand).stale,
    ]);
    expect(held).toContainEqual([true, ["ETH"]]);
    expect(held).toContainEqual([false, []]);
    for (const [holds, stale] of held) expect(stale).toEqual(holds === true ? ["ETH"] : []);
    expect(marks("perp-1")).toMatchObject({ state: "DEGRADED" });
  });

  it.each([
    [false, "HALTED"],
    [true, "OK"],
  ])("by a silence, of a feed that is trusted (%s), becomes %s", (trusted, state) => {
    const { flow } = flowOver(sim(), { guard: { trusted } });
    for (const event of eventsOf(sim(), 20)) flow.accept(event);
    const { at } = flow.engine.state;
    for (let i = 1; i <= 30; i++) flow.idle(at + i * SECOND);
    expect(flow.engine.state.markState.state).toBe(state);
  });

  it("is folded again by a replay to the same state", () => {
    const { flow, list, terms } = silenced("BTC", 20);
    expect(stateHash(replayed({ list, terms }))).toBe(stateHash(flow.engine));
  });

  it("charges a wide index on initial margin alone, until it is narrow again", () => {
    const { flow } = silenced("nobody", 5);
    const figures = () => flow.engine.margin("perp-1")!.margin;
    const { index } = flow.engine.state.market.underlyings.get("BTC")!;
    const before = figures();
    const wide = (seconds: number, halfWidth: number) => {
      const mark = { id: "BTC", value: index, extra: 0, halfWidth };
      flow.accept({ kind: "marks", at: flow.engine.state.at + seconds * SECOND, marks: [mark] });
    };
    wide(1, 0.02 * index);
    expect(flow.engine.state.market.underlyings.get("BTC")!.confidence).toBeCloseTo(0.98, 12);
    const [now, was] = [figures().requirement, before.requirement];
    expect(now.initial).toBeGreaterThan(was.initial * 1.02);
    expect(now.maintenance / was.maintenance).toBeCloseTo(1, 3);
    wide(1, 0);
    expect(figures().requirement.initial / was.initial).toBeCloseTo(1, 3);
  });
});
