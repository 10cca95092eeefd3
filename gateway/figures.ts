/**
 * An account's figures as trees, from the engine's newest margin: for the board and for a replay.
 */

import { toldOf } from "../core/engine/account-book.ts";
import { dependenceOf } from "../core/engine/depends.ts";
import type { LiveMargin } from "../core/engine/engine.ts";
import { type Doubts, doubtsAbout } from "../core/engine/mark-state.ts";
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
  return {
    turn,
    termsHash: state.termsHash,
    marks: {
      oldestAgeMs: known.length > 0 ? state.at - Math.min(...known) : null,
      ...doubtsOf(state, margin.account.id),
      state: state.markState.state,
    },
    told: (underlying) => toldOf(state, underlying),
  };
}

/** Ids that are stale or withheld among those that the account depends on. */
function doubtsOf(state: EngineState, id: string): Doubts {
  const { stale, quarantined } = state.markState;
  const account = state.accounts.get(id);
  if (account === undefined || stale.length + quarantined.length === 0) return noDoubts;
  return doubtsAbout(state, dependenceOf(state, account).names);
}

const noDoubts: Doubts = { stale: [], quarantined: [] };
