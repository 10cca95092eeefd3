/**
 * What the guard tells of itself: marks that were not accepted by reason, and how the rest stands.
 */
import type { Metrics } from "../../observe.ts";
import type { Guard } from "../guard.ts";
import { refusals } from "./refusal.ts";
import { markStates } from "./standing.ts";

/** Adds the guard's gauges to the registry; they are read when somebody asks. */
export function guardMeters(metrics: Metrics, guard: Guard): void {
  const gauge = (name: string, help: string, read: () => number) =>
    metrics.gauge(`slidewire_marks_${name}`, help, read);
  const standing = () => guard.standing();
  gauge("state", "0 OK, 1 DEGRADED, 2 HALTED.", () => markStates.indexOf(standing().state));
  gauge("stale", "Names without a mark for longer than a heartbeat.", () => standing().stale);
  gauge("doubted", "Names whose newest marks are withheld or disputed.", () => standing().doubted);
  gauge("wide", "Names whose source is not sure of the price.", () => standing().wide);
  gauge("frozen", "Sources that repeat a price to the digit.", () => standing().frozen);
  gauge(
    "quarantined_sources",
    "Sources that are not heard, counted by name.",
    () => standing().quarantined.length,
  );
  for (const reason of refusals) {
    gauge(`refused_${reason}`, `Marks not accepted: ${reason}.`, () => guard.refused()[reason]);
  }
}
