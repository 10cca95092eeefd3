/**
 * Counters, gauges and histograms, written as Prometheus text (exposition format 0.0.4).
 *
 * A registry of our own, for the part that a gateway needs is small: names are fixed in code,
 * labels are few and chosen by us, never by a client or an account.
 */
import { RiskError } from "../core/errors.ts";

export interface Counter {
  add(amount?: number): void;
  value(): number;
}

export interface Gauge {
  set(value: number): void;
  value(): number;
}

export interface Histogram {
  observe(value: number): void;
}

export interface Metrics {
  /** The same name twice gives the same counter. */
  counter(name: string, help: string): Counter;
  /** `read`, when given, is asked at each rendering. */
  gauge(name: string, help: string, read?: () => number): Gauge;
  /** @param bounds upper bounds of the buckets, ascending, in the unit of the name */
  histogram(name: string, help: string, bounds: readonly number[]): Histogram;
  render(): string;
}

/** Metrics in one registry. */
export const METRICS_MAX = 256;
const NAME = /^[a-z][a-z0-9_]*$/;

interface Entry {
  readonly instrument: unknown;
  lines(): string[];
}

export function createMetrics(): Metrics {
  const entries = new Map<string, Entry>();
  const once = <T>(name: string, make: () => { instrument: T; lines(): string[] }): T => {
    const known = entries.get(name);
    if (known) return known.instrument as T;
    if (!NAME.test(name) || entries.size >= METRICS_MAX) {
      throw new RiskError("invariant_broken", { path: name, expected: "a metric's name" });
    }
    const made = make();
    entries.set(name, made);
    return made.instrument;
  };
  return {
    counter: (name, help) => once(name, () => counterEntry(name, help)),
    gauge: (name, help, read) => once(name, () => gaugeEntry(name, help, read)),
    histogram: (name, help, bounds) => once(name, () => histogramEntry(name, help, bounds)),
    render: () => `${[...entries.values()].flatMap((entry) => entry.lines()).join("\n")}\n`,
  };
}

function head(name: string, help: string, type: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function counterEntry(name: string, help: string) {
  let count = 0;
  const instrument: Counter = {
    add(amount = 1) {
      count += amount;
    },
    value: () => count,
  };
  return { instrument, lines: () => [...head(name, help, "counter"), `${name} ${count}`] };
}

function gaugeEntry(name: string, help: string, read?: () => number) {
  let level = 0;
  const instrument: Gauge = {
    set(value) {
      level = value;
    },
    value: () => read?.() ?? level,
  };
  const lines = () => [...head(name, help, "gauge"), `${name} ${instrument.value()}`];
  return { instrument, lines };
}

function histogramEntry(name: string, help: string, bounds: readonly number[]) {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  let sum = 0;
  const instrument: Histogram = {
    observe(value) {
      const at = bounds.findIndex((bound) => value <= bound);
      counts[at < 0 ? bounds.length : at]! += 1;
      sum += value;
    },
  };
  const lines = (): string[] => {
    let below = 0;
    const buckets = counts.map((count, i) => {
      below += count;
      return `${name}_bucket{le="${bounds[i] ?? "+Inf"}"} ${below}`;
    });
    return [
      ...head(name, help, "histogram"),
      ...buckets,
      `${name}_sum ${sum}`,
      `${name}_count ${below}`,
    ];
  };
  return { instrument, lines };
}
