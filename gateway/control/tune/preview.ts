/**
 * A preview: all that is known of what a proposal would do, under one hash.
 *
 *      study on the record ─┐
 *      shadow so far ───────┼─► document ─► SHA-256 of its canonical JSON
 *      what-if over all ────┘
 *
 * The hash is what an approval names. It stands for a while and not for ever, because the market of
 * the what-if moves on.
 */
import { createHash } from "node:crypto";
import { canonicalJson } from "../../../core/canonical.ts";
import { RiskError } from "../../../core/errors.ts";
import { destination, type RegimeState } from "../../../regime/index.ts";
import type { Clock } from "../../clock.ts";
import type { Flow } from "../../flow.ts";
import type { Backtest } from "./backtest.ts";
import { PREVIEWS_MAX, type Proposal, type Wanted } from "./proposal.ts";
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
  /** @throws RiskError `rate_limited`, or `not_ready` while its study runs */
  of(proposal: Proposal, live: RegimeState): Promise<Preview>;
}

export function openPreviews(options: PreviewOptions): Previews {
  const { flow, clock } = options;
  const studies = openStudies(options);
  let running = 0;

  async function preview(proposal: Proposal, live: RegimeState): Promise<Preview> {
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
    const hash = createHash("sha256").update(canonicalJson(document)).digest("hex");
    proposal.previews.push({ hash, atMs: clock.now() });
    if (proposal.previews.length > PREVIEWS_MAX) proposal.previews.shift();
    return { document, hash };
  }

  return {
    begin: studies.begin,
    async of(proposal, live) {
      if (running >= PREVIEWS_AT_ONCE_MAX) {
        const expected = `at most ${PREVIEWS_AT_ONCE_MAX} previews at once`;
        throw new RiskError("rate_limited", { expected, retryAfterMs: 1_000 });
      }
      running += 1;
      try {
        return await preview(proposal, live);
      } finally {
        running -= 1;
      }
    },
  };
}

/** Where both sides of the range would end up. */
function rangeOf(wanted: Wanted, live: RegimeState, shadow: ShadowView | null): number {
  if (wanted.what === "override") return wanted.range;
  return shadow === null ? destination(live) : shadow.proposed.destination;
}
