/**
 * The invariants, each by its name. The first one that does not hold ends the run.
 */
export const checkNames = {
  "acknowledged-once":
    "every acknowledged command is in the chain exactly once, as it was answered",
  "state-equal": "live, replayed and restored states have the same hash",
  "channel-order": "a reader sees versions ascend and is told truly what it missed",
  "margin-reference": "margins are those of the exported book, within 1e-9",
  "margin-bits": "however its book is shuffled, an account has the same margin to the bit",
  bounded: "queues and buffers keep within their named limits",
  "caught-up": "when the faults stop, everything catches up",
  "own-accounts-only": "nobody sees another's account",
  "published-durable": "no published margin contains what a crash could take back",
  "model-equal": "accounts own what the oracle says",
  "snapshot-durable": "a snapshot that was answered survives a crash whole",
  "range-in-force": "the range in force is the one that the regime decided",
  "refusal-named": "what cannot be used is refused by a typed error that names it",
  "no-fault": "no defect of ours shows itself",
  deterministic: "the same seed gives the same trace",
} as const;
export type CheckName = keyof typeof checkNames;

export interface Violation {
  readonly check: CheckName;
  readonly found: string;
  /** Virtual ms since the start. */
  readonly atMs: number;
}

/** Keeps the first violation and counts what was looked at. */
export class Checks {
  readonly counts = new Map<CheckName, number>();
  first: Violation | undefined;
  readonly #elapsedMs: () => number;

  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs;
  }

  /** @param found what was found instead, made only when it does not hold */
  holds(check: CheckName, holds: boolean, found: () => string): boolean {
    this.counts.set(check, (this.counts.get(check) ?? 0) + 1);
    if (!holds) this.first ??= { check, found: found(), atMs: this.#elapsedMs() };
    return holds;
  }

  fail(check: CheckName, found: string): void {
    this.holds(check, false, () => found);
  }
}
