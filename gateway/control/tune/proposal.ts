/**
 * A proposal: a decision about a regime that waits for a second person.
 *
 *      parameters ──── studied ─ shadowed ≥ 1 h ─┐
 *      coefficients ──────────── shadowed ≥ 1 h ─┤
 *      rollback ─────────────────────────────────┼─ previewed ─ approved by another ─► the list
 *      override, release ────────────────────────┘
 *
 * It never changes: whoever wants something else proposes again, and the new one takes the place of
 * his old one, with another number and another hash. It ends when it is approved, replaced,
 * overtaken by another decision about the same regime, or a week old. It does not outlive the
 * process, and nothing but an approval leaves a trace in the list.
 */
import type { RegimeDecision, RegimeTermChange } from "../../../core/engine/command.ts";
import { RiskError, shown } from "../../../core/errors.ts";
import { PREVIEW_MS_MAX, type Seen, type SeenPreviews } from "./seen.ts";
import type { Shadow } from "./shadow.ts";

/** Open proposals at one time. */
export const PROPOSALS_MAX = 32;
/** Market time that a shadow must have run in what its approver was shown. */
export const SHADOW_MS_MIN = 3_600_000;
/** Market time after which a proposal is void. */
export const PROPOSAL_MS_MAX = 7 * 86_400_000;

/** What is proposed, without who, why and when. */
export type Wanted =
  | {
      readonly what: "parameters";
      readonly changes: readonly RegimeTermChange[];
      readonly restores?: number;
    }
  | { readonly what: "override"; readonly range: number; readonly untilMs: number }
  | { readonly what: "coefficients"; readonly coefficients: Readonly<Record<string, number>> }
  | { readonly what: "release" };

export interface Proposal {
  readonly id: string;
  readonly underlying: string;
  /** Of the regime when it was made: another decision since, and it is void. */
  readonly expectedVersion: number;
  readonly wanted: Wanted;
  readonly principal: string;
  readonly reason: string;
  /** Market time, ms. */
  readonly madeMs: number;
  /** Absent where none is asked for. */
  readonly shadow?: Shadow;
  /** Whether the shadow must have run before an approval. */
  readonly shadowed: boolean;
  /** What its approvers were shown. */
  readonly seen: SeenPreviews;
  /** Hash with which an approval is on its way into the list. */
  applying: string | undefined;
}

export interface Moment {
  /** Market time, ms. */
  readonly atMs: number;
  /** The clock's, ms. */
  readonly nowMs: number;
  /** Of the regime. */
  readonly version: number;
}

/**
 * What `principal` was shown and may approve now.
 *
 * @param hash of a preview of his own, as he gives it
 * @throws RiskError forbidden, conflict, not_ready
 */
export function requireApprovable(
  proposal: Proposal,
  { principal, hash }: { readonly principal: string; readonly hash: string },
  moment: Moment,
): Seen {
  if (proposal.principal === principal) {
    throw new RiskError("forbidden", {
      path: "params.proposal",
      expected: "another principal than who proposed it",
      found: shown(principal),
    });
  }
  requireOpen(proposal, moment);
  requireShadow(proposal, moment);
  const seen = proposal.seen.find(principal, hash, moment.nowMs);
  if (seen === undefined) {
    const expected = `the hash of a preview of your own of the last ${PREVIEW_MS_MAX} ms`;
    throw new RiskError("conflict", { path: "params.hash", expected, found: shown(hash) });
  }
  requireShadowSeen(proposal, seen);
  return seen;
}

/** @throws RiskError conflict when it is void or on its way */
export function requireOpen(
  { expectedVersion, madeMs, applying, shadow }: Proposal,
  { version, atMs }: Pick<Moment, "version" | "atMs">,
): void {
  const found =
    applying !== undefined
      ? "one that is being applied"
      : version !== expectedVersion
        ? `one for version ${expectedVersion}`
        : atMs - madeMs > PROPOSAL_MS_MAX
          ? "one that has expired"
          : shadow?.failed() !== undefined
            ? "one whose shadow failed"
            : undefined;
  if (found === undefined) return;
  const expected = `an open proposal for version ${version}`;
  throw new RiskError("conflict", { path: "params.proposal", expected, found });
}

/** That the hour is over is not enough: it must have been over when he looked. */
function requireShadowSeen({ shadowed }: Proposal, { ranMs }: Seen): void {
  if (!shadowed || ranMs >= SHADOW_MS_MIN) return;
  throw new RiskError("conflict", {
    path: "params.hash",
    expected: `a preview after ${SHADOW_MS_MIN} ms of the shadow: preview again`,
    found: `one after ${ranMs} ms`,
  });
}

function requireShadow({ shadowed, madeMs }: Proposal, { atMs }: Moment): void {
  const left = madeMs + SHADOW_MS_MIN - atMs;
  if (!shadowed || left <= 0) return;
  throw new RiskError("not_ready", {
    path: "params.proposal",
    expected: `a shadow of ${SHADOW_MS_MIN} ms of market time`,
    found: `${atMs - madeMs} ms`,
  });
}

/** The command that an approval puts into the list. */
export function decisionOf(
  { id, underlying, expectedVersion, wanted, principal: proposer, reason }: Proposal,
  approval: { readonly principal: string; readonly hash: string },
): RegimeDecision {
  const version = expectedVersion + 1;
  const by = { principal: approval.principal, proposer, proposal: id, hash: approval.hash, reason };
  return { kind: "Regime", underlying, version, by, ...wanted };
}
