/**
 * A board for tests: figures are what the test sets, and the bell rings when it says so.
 *
 * Kept beside the stream because its tests, the client's and the load generator's all stand on it.
 */
import type { Instrument, Listing } from "../../core/instrument.ts";
import type { Board, BoardEvent, WireTree } from "../board.ts";

export interface FakeBoard extends Board {
  /** Closes a turn in which these accounts and underlyings moved, and rings. */
  move(...subjects: readonly string[]): void;
  /** Closes a turn with one event on each of these channels, numbered on, and rings. */
  happen(...channels: readonly string[]): void;
  /** Sets an account's statement for the turns to come. */
  setMargin(account: string, tree: WireTree): void;
  addAccount(account: string): void;
  setReady(ready: boolean): void;
  setLineage(lineage: string): void;
}

/** Events that the fake keeps of a channel. */
export const FAKE_RING = 5;

export interface FakeBoardOptions {
  readonly accounts?: readonly string[];
  readonly underlyings?: readonly string[];
  readonly instrumentCount?: number;
}

/** Market time of turn 0, ms; each turn is a second later. */
export const FAKE_EPOCH_MS = 1_800_000_000_000;

export function fakeBoard(options: FakeBoardOptions = {}): FakeBoard {
  const accounts = [...(options.accounts ?? ["mm-1", "condor-1"])];
  const underlyings = options.underlyings ?? ["BTC", "ETH"];
  const listing = fakeListing(underlyings, options.instrumentCount ?? 5);
  const movedIn = new Map<string, number>();
  const set = new Map<string, WireTree>();
  const bells = new Set<() => void>();
  const rings = new Map<string, readonly BoardEvent[]>();
  let turnEvents: BoardEvent[] = [];
  let lineage = "lineage-1";
  let commands = 0;
  let turn = 0;
  let ready = true;
  const close = (subjects: readonly string[], channels: readonly string[]): void => {
    turn += 1;
    for (const subject of subjects) movedIn.set(subject, turn);
    turnEvents = channels.map((channel) => {
      commands += 1;
      const ring = rings.get(channel) ?? [];
      const prev = ring.at(-1)?.seq ?? 0;
      const event = { channel, seq: commands, prev, turn, data: { number: commands } };
      rings.set(channel, [...ring, event].slice(-FAKE_RING));
      return event;
    });
    for (const bell of bells) bell();
  };
  const margin = (account: string, liquidation: boolean): WireTree | undefined => {
    const moved = movedIn.get(account);
    if (moved === undefined) return undefined;
    const fresh = { account, turn: moved, equity: 1000 + moved, initialMargin: moved / 10 };
    const tree = set.get(account) ?? fresh;
    return liquidation ? { ...tree, liquidation: { price: 1 } } : tree;
  };
  return {
    get lineage() {
      return lineage;
    },
    turn: () => turn,
    at: () => FAKE_EPOCH_MS + 1_000 * turn,
    ready: () => ready,
    accounts: () => accounts,
    underlyings: () => underlyings,
    listing: () => listing,
    marginTurn: (account) => movedIn.get(account) ?? 0,
    margin,
    statement: (account) => {
      const tree = margin(account, true);
      return tree && { ...tree, scenarioPnl: [-1, 0, 1], explain: [] };
    },
    positions: (account) =>
      accounts.includes(account)
        ? { account, positions: [], balances: { USD: "1.5" }, openOrders: [] }
        : undefined,
    book: (account) => {
      const statement = margin(account, true);
      return statement && { turn, book: { account }, terms: {}, regime: {}, statement };
    },
    regimeTurn: (underlying) => movedIn.get(underlying) ?? 0,
    regime: (underlying) =>
      movedIn.has(underlying) ? { underlying, label: "calm", range: 0.16 } : undefined,
    markAt: () => FAKE_EPOCH_MS + 1_000 * turn - 5,
    onTurn(ring) {
      bells.add(ring);
      return () => bells.delete(ring);
    },
    events: (channel) => rings.get(channel) ?? [],
    turnEvents: () => turnEvents,
    move: (...subjects) => close(subjects, []),
    happen: (...channels) => close([], channels),
    setMargin: (account, tree) => void set.set(account, tree),
    addAccount: (account) => void accounts.push(account),
    setReady(next) {
      ready = next;
    },
    setLineage(next) {
      lineage = next;
    },
  };
}

function fakeListing(underlyings: readonly string[], count: number): Listing {
  const instruments = Array.from({ length: count }, (_, i): Instrument => {
    const underlying = underlyings[i % underlyings.length]!;
    return {
      id: `${underlying}-${String(i).padStart(5, "0")}-C`,
      kind: i % 5 === 0 ? "perpetual" : "option",
      underlying,
      settlement: "linear",
      settleCurrency: "USD",
      contractSize: 1,
    };
  });
  return {
    underlyings: underlyings.map((id) => ({ id, assetClass: "crypto" })),
    currencies: [{ id: "USD" }],
    instruments,
  };
}
