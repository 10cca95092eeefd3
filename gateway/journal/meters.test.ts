import { expect, it } from "vitest";
import { systemClock } from "../clock.ts";
import { createMetrics } from "../observe.ts";
import { journalOver } from "./journal-over.ts";
import { memoryStore } from "./memory-store.test-kit.ts";
import { journalMeters } from "./meters.ts";

it("tells how far the journal is, and when it cannot be written", async () => {
  const store = memoryStore();
  const journal = journalOver(store, { clock: systemClock });
  const metrics = createMetrics();
  journalMeters(metrics, journal);
  await journal.account.append([new Uint8Array(3), new Uint8Array(4)], 1);
  expect(metrics.render()).toContain("\nslidewire_journal_commands 2\n");
  expect(metrics.render()).toContain("\nslidewire_journal_state 0\n");
  store.fails = "journal_full";
  await expect(journal.account.append([new Uint8Array(5)], 3)).rejects.toThrow(/journal_full/);
  expect(metrics.render()).toContain("\nslidewire_journal_state 1\n");
  expect(metrics.render()).toContain("\nslidewire_journal_commands 2\n");
});
