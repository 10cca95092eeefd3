/**
 * What a run has to say: the figures, what they do not contain, and whether they may be believed.
 */
import { arch, availableParallelism, cpus, platform } from "node:os";
import type { TransportName } from "../gateway/stream/socket.ts";
import type { Measured } from "./measure.ts";
import type { Scenario } from "./scenario.ts";

/** Share of a core above which a latency is the generator's own. */
export const BUSY_SHARE = 0.7;
/** Part of the p99 that the generator's lateness may be before it is said. */
const LATE_PART = 0.5;

export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

interface Figures {
  /** Frames a second: intended, and arrived within the window. */
  readonly offered: number;
  readonly held: number;
  /** Frames lost between sender and reader. */
  readonly dropped: number;
  /** Intended marks that no frame covered, over all subscribers. */
  readonly unseen: number;
  readonly latencyMs: Latency;
  readonly generator: { readonly lateP99Ms: number; readonly cpuShare: number };
}

export interface Report extends Figures {
  readonly event: "loadtest";
  readonly subscribers: number;
  readonly marksPerSecond: number;
  readonly seconds: number;
  readonly codec: string;
  readonly transport: string;
  /** Mean size of a frame's payload. */
  readonly frameBytes: number;
  /** Versions that the gateway skipped for a newer one. */
  readonly conflated: number;
  /** Connections that ended by themselves. */
  readonly lost: number;
  /** Wall time by which the market fell behind its rate while it was measured. */
  readonly slippedMs: number;
  /** Gateway's clock less the generator's, and its uncertainty. */
  readonly clock: { readonly aheadMs: number; readonly uncertaintyMs: number } | null;
  readonly baseline: Figures;
  /** Latency over the baseline's: what the machine is worth cancels out. */
  readonly overBaseline: { readonly p50: number | null; readonly p99: number | null };
  readonly machine: Readonly<Record<string, string | number>>;
  readonly excludes: readonly string[];
  /** What a reader of the figures has to know. */
  readonly notes: readonly string[];
  /** Checks that failed: not empty, and the exit code is 3. */
  readonly failed: readonly string[];
}

export interface Run {
  readonly scenario: Scenario;
  readonly transport: TransportName;
  readonly gateway: Measured;
  readonly baseline: Measured;
  /** Load average of the machine before the run, over a minute. */
  readonly loadBefore: number;
}

/** Not in any of the figures, by construction. */
const EXCLUDES = ["networks beyond loopback", "TLS", "a browser's own work on a frame"];

export function reportOf({ scenario, transport, gateway, baseline, loadBefore }: Run): Report {
  const figures = figuresOf(scenario, gateway);
  const peer = figuresOf(scenario, baseline);
  return {
    event: "loadtest",
    subscribers: scenario.subscribers,
    marksPerSecond: scenario.marksPerSecond,
    seconds: scenario.seconds,
    codec: scenario.codec,
    transport,
    frameBytes: meanBytes(gateway),
    ...figures,
    conflated: gateway.tally.conflated,
    lost: gateway.lost,
    slippedMs: rounded(gateway.slippedMs),
    clock: clockOf(gateway),
    baseline: peer,
    overBaseline: {
      p50: ratio(figures.latencyMs.p50, peer.latencyMs.p50),
      p99: ratio(figures.latencyMs.p99, peer.latencyMs.p99),
    },
    machine: machineOf(loadBefore),
    excludes: EXCLUDES,
    notes: [...notesOf("", figures, gateway), ...notesOf("baseline: ", peer, baseline)],
    failed: failuresOf(gateway),
  };
}

/** Mean size of the frames within the window, bytes; 0 when there were none. */
export function meanBytes({ tally }: Measured): number {
  return tally.frames === 0 ? 0 : Math.round(tally.frameBytes / tally.frames);
}

function figuresOf({ subscribers, marksPerSecond }: Scenario, measured: Measured): Figures {
  const { tally, window, lateP99Ms, cpuShare } = measured;
  const { latency } = tally;
  return {
    offered: rounded(subscribers * marksPerSecond),
    held: rounded((1_000 * tally.frames) / (window.endMs - window.startMs)),
    dropped: tally.dropped + measured.senderDropped,
    unseen: tally.unseen,
    latencyMs: {
      p50: rounded(latency.quantileMs(0.5)),
      p99: rounded(latency.quantileMs(0.99)),
      p999: rounded(latency.quantileMs(0.999)),
      max: rounded(latency.maxMs),
    },
    generator: { lateP99Ms: rounded(lateP99Ms), cpuShare: rounded(cpuShare) },
  };
}

function clockOf({ skew }: Measured): Report["clock"] {
  if (skew === undefined) return null;
  return { aheadMs: rounded(skew.aheadMs), uncertaintyMs: rounded(skew.roundTripMs / 2) };
}

function notesOf(whose: string, figures: Figures, measured: Measured): string[] {
  const { generator, latencyMs, offered, held } = figures;
  const { skew, slippedMs } = measured;
  const notes: string[] = [];
  if (generator.cpuShare >= BUSY_SHARE) {
    notes.push(`the generator used ${generator.cpuShare} of a core: the latencies are its own`);
  }
  if (generator.lateP99Ms > LATE_PART * latencyMs.p99) {
    const late = generator.lateP99Ms;
    notes.push(`the generator was late itself by ${late} ms at p99: that is in the latencies`);
  }
  if (held < 0.99 * offered) notes.push(`held ${held} of ${offered} frames a second`);
  if (slippedMs > 0) notes.push(`the market fell ${rounded(slippedMs)} ms behind its rate`);
  if (skew !== undefined && Math.abs(skew.aheadMs) - skew.roundTripMs / 2 > 1) {
    notes.push(`the clocks of gateway and generator differ by ${rounded(skew.aheadMs)} ms`);
  }
  return notes.map((note) => whose + note);
}

function failuresOf({ tally, lost, senderDropped }: Measured): string[] {
  const failed: string[] = [];
  if (tally.dropped > 0) failed.push(`${tally.dropped} frames were lost on the way`);
  if (senderDropped > 0) failed.push(`the gateway counts ${senderDropped} dropped frames`);
  if (lost > 0) failed.push(`${lost} connections were lost`);
  if (tally.unseen > 0) failed.push(`${tally.unseen} marks never reached their subscriber`);
  return failed;
}

function machineOf(loadBefore: number): Report["machine"] {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    platform: `${platform()}-${arch()}`,
    node: process.versions.node,
    loadBefore: rounded(loadBefore),
  };
}

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;
const ratio = (ours: number, theirs: number) => (theirs > 0 ? rounded(ours / theirs) : null);

/** The report for people. */
export function reportTable(report: Report): string {
  const { baseline, overBaseline, machine } = report;
  const row = (name: string, ...cells: readonly (string | number | null)[]) =>
    `  ${name.padEnd(22)}${cells.map((cell) => String(cell ?? "-").padStart(12)).join("")}`;
  const lines = [
    `${report.subscribers} subscribers, ${report.marksPerSecond} marks/s, ${report.seconds} s, ` +
      `${report.codec}, ${report.transport}, ${report.frameBytes} bytes a frame`,
    row("", "gateway", "baseline", "ratio"),
    row("offered, frames/s", report.offered, baseline.offered),
    row("held, frames/s", report.held, baseline.held),
    ...(["p50", "p99", "p999", "max"] as const).map((name) =>
      row(
        `mark → client ${name}, ms`,
        report.latencyMs[name],
        baseline.latencyMs[name],
        name === "p50" || name === "p99" ? overBaseline[name] : "",
      ),
    ),
    row("generator late p99, ms", report.generator.lateP99Ms, baseline.generator.lateP99Ms),
    row("generator, cores", report.generator.cpuShare, baseline.generator.cpuShare),
    row("dropped", report.dropped, baseline.dropped),
    `  ${machine["cpu"]}, ${machine["cores"]} cores, Node ${machine["node"]}; not included: ` +
      report.excludes.join(", "),
    ...report.notes.map((note) => `  note: ${note}`),
    ...report.failed.map((check) => `  failed: ${check}`),
    "",
  ];
  return lines.join("\n");
}
