/** What the journal tells of itself: whether it can be written, and how far it has come. */
import type { Metrics } from "../observe.ts";
import type { Journal, JournalState } from "./journal.ts";

/** Values of `slidewire_journal_state`. */
export const journalStates: Readonly<Record<JournalState["state"], number>> = {
  open: 0,
  full: 1,
  failed: 2,
};

/** Adds the journal's gauges to the registry. */
export function journalMeters(metrics: Metrics, journal: Journal): void {
  metrics.gauge(
    "slidewire_journal_state",
    "0: all is written; 1: the disk is full, tried again; 2: failed, nothing until a restart.",
    () => journalStates[journal.state().state],
  );
  metrics.gauge("slidewire_journal_commands", "Number of the newest command on disk.", () =>
    journal.account.lastSeq(),
  );
  metrics.gauge("slidewire_journal_turns", "Number of the newest Turn taken to be written.", () =>
    journal.turns.lastSeq(),
  );
}
