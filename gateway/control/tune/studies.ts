/**
 * The studies of proposals: begun when one is made, one after the other, each once.
 *
 * A study takes seconds and its proposal an hour, so it is there when somebody looks; whoever looks
 * sooner is told to come back. One whose proposal is gone before its turn is not begun.
 */
import { changedTerms, type RegimeState } from "../../../regime/index.ts";
import type { Clock } from "../../clock.ts";
import type { RegimeRecord } from "../../record.ts";
import type { Backtest } from "./backtest.ts";
import type { Backtests } from "./backtests.ts";
import type { Proposal } from "./proposal.ts";

/** How long a preview waits for a study that is not there yet. */
export const STUDY_WAIT_MS = 2_000;

export interface StudyOptions {
  /** Its owner lets it follow the Turns. */
  readonly record: Pick<RegimeRecord, "bars">;
  readonly backtests: Backtests;
  readonly clock: Pick<Clock, "after">;
}

export interface Studies {
  /** @param isOpen whether the proposal is still of interest when its turn comes */
  begin(proposal: Proposal, live: RegimeState, isOpen: () => boolean): void;
  /** null: none is asked for; undefined: not there yet. */
  of(proposal: Proposal): Promise<Backtest | null | undefined>;
}

export function openStudies({ record, backtests, clock }: StudyOptions): Studies {
  const begun = new WeakMap<Proposal, Promise<Backtest | undefined>>();
  let before: Promise<unknown> = Promise.resolve();
  return {
    begin(proposal, { terms }, isOpen) {
      const { underlying, wanted } = proposal;
      if (wanted.what !== "parameters" || !proposal.shadowed) return;
      const after = changedTerms(terms, wanted.changes);
      const study = before.then(() => {
        if (!isOpen()) return undefined;
        return backtests({ bars: record.bars(underlying), before: terms, after });
      });
      before = study.catch(() => undefined);
      begun.set(proposal, study);
    },
    async of(proposal) {
      const study = begun.get(proposal);
      if (study === undefined) return null;
      const { promise: late, resolve } = Promise.withResolvers<undefined>();
      const stop = clock.after(STUDY_WAIT_MS, () => resolve(undefined));
      const found = await Promise.race([study, late]);
      stop();
      return found;
    },
  };
}
