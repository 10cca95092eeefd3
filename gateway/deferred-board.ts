/**
 * A board that stands while the state behind it is still being recovered: nobody is known, nothing
 * is ready. So the port answers at once, and whoever asks for figures is told to come back.
 */
import type { Board } from "./board.ts";

export interface DeferredBoard extends Board {
  /** From now on it is that board. */
  become(board: Board): void;
}

/** @param lineage asked once the journal is open */
export function deferredBoard(): DeferredBoard {
  let behind: Board | undefined;
  const rings = new Set<() => void>();
  return {
    get lineage() {
      return behind?.lineage ?? "";
    },
    turn: () => behind?.turn() ?? 0,
    at: () => behind?.at() ?? 0,
    ready: () => behind?.ready() ?? false,
    accounts: () => behind?.accounts() ?? [],
    underlyings: () => behind?.underlyings() ?? [],
    listing: () => behind?.listing() ?? { underlyings: [], currencies: [], instruments: [] },
    marginTurn: (account) => behind?.marginTurn(account) ?? 0,
    margin: (account, liquidation) => behind?.margin(account, liquidation),
    statement: (account) => behind?.statement(account),
    positions: (account) => behind?.positions(account),
    book: (account) => behind?.book(account),
    regimeTurn: (underlying) => behind?.regimeTurn(underlying) ?? 0,
    regime: (underlying) => behind?.regime(underlying),
    events: (channel) => behind?.events(channel) ?? [],
    turnEvents: () => behind?.turnEvents() ?? [],
    markAt: () => behind?.markAt() ?? 0,
    onTurn(ring) {
      rings.add(ring);
      return () => rings.delete(ring);
    },
    become(board) {
      behind = board;
      board.onTurn(() => {
        for (const ring of rings) ring();
      });
    },
  };
}
