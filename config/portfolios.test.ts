/**
 * Portfolios of 1 to 30 legs against an independent revaluation (QuantLib 1.29, blackFormula).
 *
 * Tolerance: 1e-9 of the larger of the figure and a millionth of the gross notional, for both sides
 * add up to 30 numbers of that size; the worst row only where no other comes as near.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { offlineStatement } from "../core/margin/offline.ts";
import { parseBook } from "./book.ts";
import { termsHash } from "./terms.ts";

interface Case {
  readonly id: string;
  readonly book: {
    readonly terms: object;
    readonly market: { readonly instruments: Readonly<Record<string, Leg>> };
    readonly account: {
      readonly positions: readonly { readonly instrument: string; readonly quantity: number }[];
    };
  };
  readonly expected: {
    readonly option_value_usd: number;
    readonly scenario_pnl_weighted_usd: readonly number[];
    readonly worst_loss_usd: number;
    readonly worst_index: number;
    readonly gap_to_second: number;
    readonly per_underlying: Readonly<Record<string, { worst_loss: number; worst_index: number }>>;
    readonly sum_of_per_underlying_worst_usd: number;
  };
}
interface Leg {
  readonly settlement: string;
  readonly kind: string;
  readonly forward?: number;
  readonly mark?: number;
}
interface Statement {
  readonly initialMargin: number;
  readonly optionValue: number;
  readonly perUnderlying: readonly {
    readonly underlying: string;
    readonly scanningRisk: { readonly initial: number };
    readonly worst: { readonly initial: { readonly index: number } };
    readonly scenarioPnl: readonly number[];
  }[];
  readonly offsets: readonly {
    readonly initial: { readonly joint: { readonly worst: { readonly index: number } } };
  }[];
}

const { cases } = JSON.parse(
  readFileSync(new URL("./cases/portfolios.json", import.meta.url), "utf8"),
) as { cases: readonly Case[] };

function statement({ book }: Case, credit: number): Statement {
  const terms = { ...book.terms, offsets: { groups: [{ members: ["*"], credit }] } };
  const parsed = parseBook({ ...book, terms });
  return offlineStatement(parsed.book, parsed.terms, termsHash(parsed.terms))
    .raw as unknown as Statement;
}

/** Gross notional, USD. */
function gross({ book }: Case): number {
  return book.account.positions.reduce((sum, { instrument, quantity }) => {
    const { settlement, kind, forward, mark } = book.market.instruments[instrument]!;
    const inUsd = settlement === "inverse" && kind === "future";
    return sum + Math.abs(quantity) * (inUsd ? 1 : (forward ?? mark ?? 0));
  }, 0);
}

describe("a portfolio", () => {
  it.each(cases.map((one) => [one.id, one] as const))("%s comes out in every row", (_, one) => {
    const { expected } = one;
    const near = (got: number, want: number) => {
      const scale = Math.max(Math.abs(want), 1e-6 * gross(one));
      expect(Math.abs(got - want)).toBeLessThanOrEqual(1e-9 * scale);
    };
    const joint = statement(one, 1);
    near(joint.optionValue, expected.option_value_usd);
    for (const [row, want] of expected.scenario_pnl_weighted_usd.entries()) {
      near(
        joint.perUnderlying.reduce((sum, of) => sum + of.scenarioPnl[row]!, 0),
        want,
      );
    }
    near(joint.initialMargin, Math.max(0, expected.worst_loss_usd));
    for (const { underlying, scanningRisk } of joint.perUnderlying) {
      near(scanningRisk.initial, expected.per_underlying[underlying]!.worst_loss);
    }
    near(statement(one, 0).initialMargin, expected.sum_of_per_underlying_worst_usd);
    if (expected.gap_to_second > 1e-6 * gross(one)) {
      const index =
        joint.offsets[0]?.initial.joint.worst.index ?? joint.perUnderlying[0]!.worst.initial.index;
      expect(index).toBe(expected.worst_index);
    }
  });
});
