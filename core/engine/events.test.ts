/** Events are numbered by the account chain, their rings bounded, and the state carries them. */
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../canonical.ts";
import type { FillLine, GridChangeCommand, Submission } from "./command.ts";
import { EIGHT_MS, filled, HASH, openDesk, opened, plainTerms } from "./engine.test-kit.ts";
import {
  FILL_EVENTS_MAX,
  FILL_LINES_MAX,
  type FillEvent,
  REGIME_EVENTS_MAX,
  type RegimeEvent,
  withChange,
  withFill,
} from "./events.ts";
import { forkState } from "./state.ts";
import { restoreState, type StateDocument, stateDocument } from "./state-document.ts";

const PERP = "BTC_USDC-PERP";
const line: FillLine = { instrument: PERP, quantity: "1", price: "60000" };
const grid = (initial: number): GridChangeCommand => ({
  kind: "GridChange",
  underlying: "BTC",
  slideRange: { initial, maintenance: initial },
  volScale: 1,
  label: "calm",
  evidence: { tau: 0.1 },
});

/** A desk with two accounts; the commands so far are the listing and four that open them. */
function desk() {
  const made = openDesk();
  made.apply(...opened("a"), ...opened("b"));
  return made;
}
const fillsOf = ({ engine: { state } }: ReturnType<typeof desk>, id: string) =>
  state.accounts.get(id)!.fills;

describe("a fill event", () => {
  it("has its command's number, the one before it in the account, turn, time and version", () => {
    const on = desk();
    const first = on.engine.state.commands + 1;
    on.apply(filled("a", PERP, "1", "60000", "2.5"), filled("b", PERP, "-1", "60000"));
    on.apply({ kind: "Fill", account: "a", key: "k-1", fills: [line, line] });
    const { at, seq } = on.engine.state;
    expect(fillsOf(on, "a")).toEqual([
      {
        ...{ seq: first, prev: 0, turn: seq - 1, at, version: 3 },
        fills: [{ ...line, fee: "2.5" }],
      },
      {
        ...{ seq: first + 2, prev: first, turn: seq, at, version: 4 },
        key: "k-1",
        fills: [line, line],
      },
    ]);
    expect(fillsOf(on, "b").map(({ seq, prev }) => [seq, prev])).toEqual([[first + 1, 0]]);
  });

  it("is made by trades alone: a settlement shows as a version between two", () => {
    const on = desk();
    on.apply(filled("a", "BTC-FUT", "1", "60000"));
    on.apply({ kind: "Positions", account: "a", positions: [{ ...line, instrument: "BTC-FUT" }] });
    on.apply({ kind: "Orders", account: "a", orders: [] });
    on.fold({ at: EIGHT_MS, commands: [] });
    on.apply({ kind: "Settle", what: "expiry", instrument: "BTC-FUT", price: "60000" });
    on.apply(filled("a", PERP, "1", "60000"));
    expect(fillsOf(on, "a").map(({ version }) => version)).toEqual([3, 7]);
  });

  it("is told with its Turn, and only with its Turn", () => {
    const on = desk();
    on.apply(filled("a", PERP, "1", "60000"), grid(0.2), filled("b", PERP, "1", "60000"));
    const { fills, changes } = on.engine.events();
    expect(fills.map(({ account, event }) => [account, event])).toEqual([
      ["a", fillsOf(on, "a").at(-1)],
      ["b", fillsOf(on, "b").at(-1)],
    ]);
    expect(changes).toEqual(on.engine.state.changes.slice(-1));
    on.fold();
    expect(on.engine.events()).toEqual({ fills: [], changes: [] });
  });
});

describe("a regime event", () => {
  it("is a decision about a regime, without who made it; a warming is none", () => {
    const on = desk();
    const by = { principal: "quant-b", reason: "bad index" };
    const decision = {
      underlying: "BTC",
      version: 1,
      what: "freeze",
      allowEmergency: true,
    } as const;
    on.apply({ kind: "Regime", what: "warm", underlying: "BTC", snapshot: {} });
    on.apply({ kind: "Regime", ...decision, by });
    const { changes, commands: seq } = on.engine.state;
    expect(changes.at(-1)).toMatchObject({ seq, change: { kind: "Regime", ...decision } });
    expect(changes.at(-1)!.change).not.toHaveProperty("by");
    expect(changes.filter(({ change }) => change.kind === "Regime")).toHaveLength(1);
  });

  it("is a range, a notice, or terms by name, each after the one before", () => {
    const on = desk();
    const { terms } = on.engine.state;
    const notice = {
      kind: "GridNotice",
      underlying: "BTC",
      target: 0.3,
      effectiveAt: EIGHT_MS,
    } as const;
    const other: Submission = { kind: "TermsChange", terms, hash: "cd".repeat(32) };
    on.apply(grid(0.2), filled("a", PERP, "1", "60000"), notice, other);
    const events = on.engine.state.changes;
    const first = on.engine.state.commands - 3;
    expect(events.map(({ seq, prev }) => [seq, prev])).toEqual([
      [first, 0],
      [first + 2, first],
      [first + 3, first + 2],
    ]);
    const { name, version } = terms;
    const note = { kind: "TermsChange", name, version, hash: "cd".repeat(32) };
    expect(events.map(({ change }) => change)).toEqual([grid(0.2), notice, note]);
  });
});

const fillAt = (seq: number, lines: number): FillEvent => ({
  ...{ seq, prev: seq - 1, turn: 1, at: 0, version: seq },
  fills: Array(lines).fill(line),
});

describe("a ring", () => {
  it.each([
    ["one trade an event", FILL_EVENTS_MAX + 5, 1, FILL_EVENTS_MAX],
    ["four trades an event", FILL_EVENTS_MAX + 5, 4, FILL_LINES_MAX / 4],
    ["five trades an event", 200, 5, 51],
    ["an event larger than the ring", 3, FILL_LINES_MAX + 1, 1],
    ["fewer than it holds", 3, 1, 3],
  ])("of fills is bounded by events and by trades: %s", (_, count, lines, kept) => {
    let ring: readonly FillEvent[] = [];
    for (let seq = 1; seq <= count; seq++) ring = withFill(ring, fillAt(seq, lines));
    expect(ring.map(({ seq }) => seq)).toEqual(
      Array.from({ length: kept }, (_, i) => count - kept + 1 + i),
    );
  });

  it("of the regime keeps the newest", () => {
    let ring: readonly RegimeEvent[] = [];
    for (let seq = 1; seq <= REGIME_EVENTS_MAX + 3; seq++) {
      ring = withChange(ring, { seq, prev: seq - 1, turn: 1, at: 0, change: grid(0.2) });
    }
    expect([ring.length, ring[0]?.seq]).toEqual([REGIME_EVENTS_MAX, 4]);
  });

  it("goes into a snapshot and comes back to the same numbers", () => {
    const on = desk();
    on.apply(filled("a", PERP, "1", "60000"), grid(0.2));
    const text = canonicalJson(stateDocument(on.engine.state));
    const restored = restoreState(JSON.parse(text) as StateDocument, plainTerms(), HASH);
    expect(restored.accounts.get("a")?.fills).toEqual(fillsOf(on, "a"));
    expect(restored.changes).toEqual(on.engine.state.changes);
  });

  it("is a fork's own, and what admission folds ahead is told to nobody", () => {
    const on = desk();
    const fork = forkState(on.engine.state);
    on.admission.admit(filled("a", PERP, "1", "60000"));
    on.admission.admit(grid(0.3));
    expect(fillsOf(on, "a")).toEqual([]);
    expect(on.engine.events()).toEqual({ fills: [], changes: [] });
    on.apply(filled("a", PERP, "1", "60000"), grid(0.2));
    expect([fork.accounts.get("a")?.fills, fork.changes]).toEqual([[], []]);
  });
});
