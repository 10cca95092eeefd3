/**
 * The same account in a moved market: one underlying's index times a factor, everything on it
 * along.
 *
 * Marks and forwards keep their basis, vols stay with their strikes, coin collateral follows its
 * index, and profit so far grows by the move: a full revaluation, not a sensitivity.
 */
import type { Account, Book, Market, MarketInstrument } from "../book.ts";

/** The book with `underlying` at `factor` (> 0) times its index; only held instruments remain. */
export function moveIndex({ market, account }: Book, underlying: string, factor: number): Book {
  return {
    market: {
      ...market,
      underlyings: mapped(market.underlyings, (of) =>
        of.id === underlying ? { ...of, index: of.index * factor } : of,
      ),
      currencies: mapped(market.currencies, (of) =>
        of.underlying === underlying && of.price !== undefined
          ? { ...of, price: of.price * factor }
          : of,
      ),
      instruments: heldMoved(market, account, underlying, factor),
    },
    account: {
      ...account,
      positions: account.positions.map((position) => {
        const instrument = market.instruments.get(position.instrument)!;
        if (position.unrealisedPnl === undefined || instrument.spec.underlying !== underlying) {
          return position;
        }
        const gain = Number(position.quantity) * profitOf(instrument, factor);
        return { ...position, unrealisedPnl: position.unrealisedPnl + gain };
      }),
    },
  };
}

function heldMoved(
  market: Market,
  account: Account,
  underlying: string,
  factor: number,
): Map<string, MarketInstrument> {
  const held = new Map<string, MarketInstrument>();
  for (const { instrument } of [...account.positions, ...account.openOrders]) {
    const of = market.instruments.get(instrument)!;
    held.set(instrument, of.spec.underlying === underlying ? moved(of, factor) : of);
  }
  return held;
}

function moved(instrument: MarketInstrument, factor: number): MarketInstrument {
  const { mark, forward, forwardFixed, spec } = instrument;
  // An option's own mark was a way to say its vol; a bond does not follow an index.
  const follows = mark !== undefined && spec.kind !== "option" && spec.kind !== "bond";
  const fixed = forwardFixed ?? 0;
  return {
    ...instrument,
    ...(follows ? { mark: mark * factor } : {}),
    ...(forward === undefined ? {} : { forward: (forward - fixed) * factor + fixed }),
  };
}

/** Settle-currency P&L of one long future or perpetual over the move; 0 for other kinds. */
function profitOf({ spec, mark }: MarketInstrument, factor: number): number {
  if ((spec.kind !== "future" && spec.kind !== "perpetual") || mark === undefined) return 0;
  if (spec.settlement === "linear") return spec.contractSize * mark * (factor - 1);
  return (spec.contractSize / mark) * (1 - 1 / factor);
}

function mapped<V>(map: ReadonlyMap<string, V>, change: (value: V) => V): Map<string, V> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}
