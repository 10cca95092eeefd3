/**
 * A preview: all that is known of what a proposal would do, under one hash.
 *
 *      study on the record ─┐
 *      shadow so far ───────┼─► document ─► SHA-256 of its canonical JSON
 *      what-if over all ────┘
 *
 * The hash is what an approval names. It stands for who was shown the document, for a while and not
 * for ever, because the market of the what-if moves on.
 */
import { canonicalJson } from "../../../core/canonical.ts";
import { RiskError } from "../../../core/errors.ts";
import { destination, type RegimeState } from "../../../regime/index.ts";
import type { Clock } from "../../clock.ts";
import type { Flow } from "../../flow.ts";
import type { Backtest } from "./backtest.ts";
import { hashOf, PREVIEW_BYTES_MAX } from "./kept.ts";
import type { Proposal, Wanted } from "./proposal.ts";
import type { ShadowView } from "./shadow.ts";
import { openStudies, type StudyOptions } from "./studies.ts";
import { type WhatIf, whatIf } from "./what-if.ts";

/** Previews at one time; the rest are told to come back. */
export const PREVIEWS_AT_ONCE_MAX = 2;

export interface PreviewOptions extends StudyOptions {
  readonly flow: Pick<Flow, "engine">;
  readonly clock: Pick<Clock, "now" | "soon" | "after">;
}

/** Everything that an approval answers for; its hash names exactly this. */
export interface PreviewDocument {
  readonly slidewire: "preview/1";
  readonly proposal: string;
  readonly underlying: string;
  readonly expectedVersion: number;
  readonly wanted: Wanted;
  readonly proposer: string;
  readonly reason: string;
  readonly backtest: Backtest | null;
  readonly shadow: ShadowView | null;
  readonly whatIf: WhatIf;
}

export interface Preview {
  readonly document: PreviewDocument;
  /** SHA-256 of the document's canonical JSON, 64 hex digits. */
  readonly hash: string;
}

export interface Previews {
  /** Begins what takes long. @param isOpen whether the proposal is still of interest */
  begin(proposal: Proposal, live: RegimeState, isOpen: () => boolean): void;
  /**
   * @param approver for whom the hash stands; undefined: somebody who only looks
   * @throws RiskError `rate_limited`, `limit_exceeded`, or `not_ready` while its study runs
   */
  of(proposal: Proposal, live: RegimeState, approver: string | undefined): Promise<Preview>;
}

export function openPreviews(options: PreviewOptions): Previews {
  const { flow, clock } = options;
  const studies = openStudies(options);
  let running = 0;

  async function preview(
    proposal: Proposal,
    live: RegimeState,
    approver: string | undefined,
  ): Promise<Preview> {
    const { underlying, expectedVersion, wanted, principal, reason } = proposal;
    const backtest = await studies.of(proposal);
    if (backtest === undefined) {
      throw new RiskError("not_ready", { expected: "the study", retryAfterMs: 1_000 });
    }
    const { at } = flow.engine.state;
    const shadow = proposal.shadow?.view(live, at) ?? null;
    const range = rangeOf(wanted, live, shadow);
    const document: PreviewDocument = {
      ...{ slidewire: "preview/1", proposal: proposal.id, underlying, expectedVersion },
      ...{ wanted, proposer: principal, reason, backtest, shadow },
      whatIf: await whatIf(flow.engine, { underlying, range }, clock),
    };
    const text = boundedText(document);
    const hash = hashOf(text);
    if (approver !== undefined && approver !== principal) {
      const ranMs = shadow?.ranMs ?? 0;
      proposal.seen.add(approver, { hash, text, atMs: clock.now(), ranMs });
    }
    return { document, hash };
  }

  return {
    begin: studies.begin,
    async of(proposal, live, approver) {
      if (running >= PREVIEWS_AT_ONCE_MAX) {
        const expected = `at most ${PREVIEWS_AT_ONCE_MAX} previews at once`;
        throw new RiskError("rate_limited", { expected, retryAfterMs: 1_000 });
      }
      running += 1;
      try {
        return await preview(proposal, live, approver);
      } finally {
        running -= 1;
      }
    },
  };
}

/** What is approved is kept, so it has a size. */
function boundedText(document: PreviewDocument): string {
  const text = canonicalJson(document);
  const bytes = Buffer.byteLength(text);
  if (bytes <= PREVIEW_BYTES_MAX) return text;
  const expected = `a preview of at most ${PREVIEW_BYTES_MAX} bytes`;
  throw new RiskError("limit_exceeded", {
    path: "params.proposal",
    ...{ expected, found: String(bytes) },
  });
}

/** Where both sides of the range would end up. */
function rangeOf(wanted: Wanted, live: RegimeState, shadow: ShadowView | null): number {
  if (wanted.what === "override") return wanted.range;
  return shadow === null ? destination(live) : shadow.proposed.destination;
}
