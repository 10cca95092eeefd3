/**
 * An account's figures as trees, from the engine's newest margin: for the board and for a replay.
 */

import { toldOf } from "../core/engine/account-book.ts";
import type { LiveMargin } from "../core/engine/engine.ts";
import type { EngineState } from "../core/engine/state.ts";
import {
  type StatementFrame,
  statementFigures,
  wholeStatement,
  withLiquidation,
} from "../core/margin/statement.ts";
import type { WireTree } from "./board.ts";

/** The statement in float64, without liquidation prices, `scenarioPnl` and `explain`. */
export function figuresOf(state: EngineState, live: LiveMargin): WireTree {
  return statementFigures(live.context, live.margin, frameOf(state, live));
}

/** The same with the liquidation prices, which cost some dozen revaluations. */
export function pricedFigures(figures: WireTree, { book, margin, context }: LiveMargin): WireTree {
  return withLiquidation(figures, book, margin, context.terms);
}

/** The whole statement, from figures with liquidation prices. */
export function statementOf(priced: WireTree, state: EngineState, live: LiveMargin): WireTree {
  return wholeStatement(priced, live.margin, frameOf(state, live));
}

/** What is said of an account that never had figures: why not. */
export function figureless(account: string, missing: readonly string[]): WireTree {
  return { account, turn: null, status: "incomplete", missing };
}

function frameOf(state: EngineState, { turn, margin }: LiveMargin): StatementFrame {
  const times = margin.positions.flatMap(({ leg }) => {
    const { id, underlying } = leg.market.spec;
    return [state.markedAt.get(id), state.markedAt.get(underlying)];
  });
  const known = times.filter((time) => time !== undefined);
  const { stale, quarantined, state: marks } = state.markState;
  return {
    turn,
    termsHash: state.termsHash,
    marks: {
      oldestAgeMs: known.length > 0 ? state.at - Math.min(...known) : null,
      stale,
      quarantined,
      state: marks,
    },
    told: (underlying) => toldOf(state, underlying),
  };
}
