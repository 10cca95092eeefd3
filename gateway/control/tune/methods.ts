/** The methods of the tuning desk, bound to it: protocol/tune-specs.ts declares them. */
import { regimeReasons, regimeTerms } from "../../../config/regime.ts";
import { regimeTunables, type Wishes } from "../../../config/regime-tuning.ts";
import type { DecisionLine } from "../../../core/engine/state.ts";
import { RiskError } from "../../../core/errors.ts";
import { type RegimeTerms, termAt } from "../../../regime/index.ts";
import type { Board, WireTree } from "../../board.ts";
import type { Applied } from "../../flow.ts";
import { APPROVE, HISTORY_LINES_MAX, tuneSpecs } from "../../protocol/tune-specs.ts";
import { bind, type Call, type Method } from "../../stream/calls.ts";
import { known } from "../../stream/reads.ts";
import { holds } from "../scopes.ts";
import type { Asking, TuneDesk } from "./desk.ts";
import { PROPOSAL_MS_MAX, type Proposal, SHADOW_MS_MIN } from "./proposal.ts";

export interface TuneMethodOptions {
  /** @throws RiskError `not_ready` until there is one */
  readonly desk: () => TuneDesk;
  readonly board: Board;
}

export function tuneMethods({ desk, board }: TuneMethodOptions): readonly Method[] {
  return [
    bind(tuneSpecs.regimeGet, ({ underlying }) => stateOf(desk(), board, underlying)),
    bind(tuneSpecs.regimeParams, ({ underlying }) => ({
      underlying,
      version: desk().version(underlying),
      params: paramsOf(desk().regime(underlying).terms),
    })),
    bind(tuneSpecs.regimePropose, (params, call) =>
      proposalTree(proposed(desk(), askingOf(params, call), params)),
    ),
    bind(tuneSpecs.regimeOverride, (params, call) =>
      proposalTree(desk().override(askingOf(params, call), params.range, params.untilMs)),
    ),
    bind(tuneSpecs.regimeRelease, (params, call) =>
      proposalTree(desk().release(askingOf(params, call))),
    ),
    bind(tuneSpecs.regimeRollback, (params, call) =>
      proposalTree(desk().rollback(askingOf(params, call), params.version)),
    ),
    bind(tuneSpecs.regimePreview, async ({ proposal }, { caller }) => {
      const approver = holds(caller!, APPROVE) ? caller!.principal : undefined;
      const { hash, document } = await desk().preview(proposal, approver);
      return { hash, preview: document };
    }),
    bind(tuneSpecs.regimePreviewed, ({ hash }) => ({ hash, preview: desk().previewed(hash) })),
    bind(tuneSpecs.regimeApprove, async ({ proposal, hash }, call) => {
      const principal = principalOf(call);
      return appliedTree(await desk().approve(proposal, { principal, hash }));
    }),
    bind(tuneSpecs.regimeFreeze, async ({ underlying, reason, allowEmergency = true }, call) => {
      const asking = { underlying, reason: reason.trim(), principal: principalOf(call) };
      return appliedTree(await desk().freeze(asking, allowEmergency));
    }),
    bind(
      tuneSpecs.regimeHistory,
      ({ underlying, limit = HISTORY_LINES_MAX, before = Infinity }) => ({
        lines: desk()
          .history(underlying)
          .filter(({ seq }) => seq < before)
          .slice(0, limit)
          .map(lineTree),
      }),
    ),
  ];
}

/** The methods' scopes have seen to it that there is a caller. */
const principalOf = ({ caller }: Call): string => caller!.principal;

function askingOf(
  { underlying, expectedVersion, reason }: Omit<Asking, "principal">,
  call: Call,
): Asking {
  return { underlying, expectedVersion, reason: reason.trim(), principal: principalOf(call) };
}

interface Proposed {
  readonly changes?: Wishes;
  readonly coefficients?: Readonly<Record<string, number>>;
}

function proposed(desk: TuneDesk, asking: Asking, { changes, coefficients }: Proposed): Proposal {
  if (changes !== undefined && coefficients === undefined) return desk.propose(asking, changes);
  if (coefficients !== undefined && changes === undefined) return desk.refit(asking, coefficients);
  throw new RiskError("missing_field", {
    path: "params.changes",
    expected: "either changes or coefficients",
  });
}

function stateOf(desk: TuneDesk, board: Board, underlying: string): WireTree {
  const { steer, terms } = desk.regime(underlying);
  return {
    turn: board.turn(),
    at: board.at(),
    underlying,
    version: desk.version(underlying),
    termsVersion: terms.version,
    regime: known(board.regime(underlying)),
    frozen: steer.frozen,
    override: steer.range > 0 ? { range: steer.range, untilMs: steer.untilMs } : null,
    proposals: desk.open(underlying).map(proposalTree),
  };
}

function paramsOf(terms: RegimeTerms): readonly WireTree[] {
  const own = regimeTerms(terms.assetClass);
  const reasons = regimeReasons(terms.assetClass);
  return regimeTunables.map((tunable) => ({
    ...tunable,
    value: termAt(terms, tunable.path),
    classValue: termAt(own, tunable.path),
    reason: reasons[tunable.path] ?? reasons[tunable.path.split(".")[0]!] ?? null,
  }));
}

function proposalTree(proposal: Proposal): WireTree {
  const { id, underlying, expectedVersion, wanted, principal, reason, madeMs } = proposal;
  return {
    ...{ proposal: id, underlying, expectedVersion, wanted, principal, reason },
    approvableMs: proposal.shadowed ? madeMs + SHADOW_MS_MIN : madeMs,
    expiresMs: madeMs + PROPOSAL_MS_MAX,
  };
}

const appliedTree = ({ applied, version }: { applied: Applied; version: number }): WireTree => ({
  ...{ seq: applied.seq, lineage: applied.lineage, durable: applied.durable },
  version,
});

function lineTree({ seq, at, command }: DecisionLine): WireTree {
  const { kind: _, ...decision } = command;
  return { seq, at, ...decision };
}
