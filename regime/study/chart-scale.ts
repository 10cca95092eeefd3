/**
 * Scales of a chart, and lines as paths: what a page and a figure have in common.
 *
 * Long series are thinned to one stroke per column, from its lowest to its highest value, so that
 * no peak is lost. Where a value is not known (not above `floor`) the line breaks.
 */
import { log } from "../../core/math/log.ts";

export interface ChartLine {
  readonly name: string;
  /** Name of a colour: the page or figure says which. */
  readonly tone: string;
  /** Shape [times]. */
  readonly values: Float64Array;
  readonly dashed?: boolean;
}

/** What lies between two series, filled. */
export interface ChartBand {
  readonly name: string;
  readonly tone: string;
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** A moment that stands out, with a value on the same axis. */
export interface ChartPoint {
  readonly at: number;
  readonly value: number;
  readonly text: string;
}

export type Unit = "percent" | "number" | "price";

export interface Chart {
  readonly title: string;
  /** What a reader should see in it, one sentence. */
  readonly note?: string;
  /** Ascending, ms since the epoch. */
  readonly times: Float64Array;
  readonly unit: Unit;
  /** Equal distances are equal ratios; values at or below 0 are left out. */
  readonly logarithmic?: boolean;
  readonly lines: readonly ChartLine[];
  readonly band?: ChartBand;
  readonly points?: readonly ChartPoint[];
  /** End of the stretch that was not judged, ms; it is shaded. */
  readonly judgedFromMs?: number;
}

export interface Extent {
  readonly least: number;
  readonly most: number;
}

/** Maps moments and values into a box of `width` x `height`, y downward. */
export interface Scale {
  readonly x: (ms: number) => number;
  readonly y: (value: number) => number;
  readonly extent: Extent;
}

export interface Tick {
  readonly at: number;
  readonly text: string;
}

export function scaleOf(chart: Chart, width: number, height: number): Scale {
  const first = chart.times[0] ?? 0;
  const span = Math.max(1, (chart.times.at(-1) ?? 1) - first);
  const extent = extentOf(chart);
  const place = chart.logarithmic === true ? log : (value: number) => value;
  const [low, high] = [place(extent.least), place(extent.most)];
  return {
    x: (ms) => ((ms - first) / span) * width,
    y: (value) => height - ((place(value) - low) / (high - low)) * height,
    extent,
  };
}

function extentOf({ lines, band, points = [], logarithmic = false }: Chart): Extent {
  let least = logarithmic ? Number.POSITIVE_INFINITY : 0;
  let most = logarithmic ? 0 : Number.NEGATIVE_INFINITY;
  const see = (value: number): void => {
    if (logarithmic && value <= 0) return;
    least = Math.min(least, value);
    most = Math.max(most, value);
  };
  const columns = [...lines.map(({ values }) => values), ...(band ? [band.low, band.high] : [])];
  for (const values of columns) for (const value of values) see(value);
  for (const { value } of points) see(value);
  if (!(least < most)) return { least: logarithmic ? 0.5 : 0, most: most > 0 ? 2 * most : 1 };
  return { least, most };
}

/** A path through the known values of a line. */
export function linePath(chart: Chart, values: Float64Array, { x, y }: Scale): string {
  const { times, logarithmic = false } = chart;
  const perStroke = Math.max(1, Math.floor(times.length / COLUMNS));
  const steps: string[] = [];
  let broken = true;
  for (let i = 0; i < times.length; i += perStroke) {
    const part = values.subarray(i, i + perStroke);
    const [low, high] = [least(part), most(part)];
    if (logarithmic && low <= 0) {
      broken = true;
      continue;
    }
    const at = short(x(times[i]!));
    steps.push(`${broken ? "M" : "L"}${at} ${short(y(low))}`);
    if (high > low) steps.push(`V${short(y(high))}`);
    broken = false;
  }
  return steps.join("");
}

/** The outline of what lies between two series. */
export function bandPath(chart: Chart, { low, high }: ChartBand, { x, y }: Scale): string {
  const { times } = chart;
  const perStroke = Math.max(1, Math.floor(times.length / COLUMNS));
  const over: string[] = [];
  const under: string[] = [];
  for (let i = 0; i < times.length; i += perStroke) {
    const [bottom, top] = [
      least(low.subarray(i, i + perStroke)),
      most(high.subarray(i, i + perStroke)),
    ];
    if (chart.logarithmic === true && bottom <= 0) continue;
    over.push(`${short(x(times[i]!))} ${short(y(top))}`);
    under.push(`${short(x(times[i]!))} ${short(y(bottom))}`);
  }
  return over.length === 0 ? "" : `M${[...over, ...under.reverse()].join("L")}Z`;
}

/** Strokes of a line at most. */
export const COLUMNS = 900;

const least = (part: Float64Array): number =>
  part.reduce((low, value) => Math.min(low, value), part[0]!);
const most = (part: Float64Array): number =>
  part.reduce((high, value) => Math.max(high, value), part[0]!);

/** To a tenth, as short as it can be written. */
export const short = (x: number): string => `${Math.floor(10 * x + 0.5) / 10}`;

const STEPS = [1, 2, 5] as const;
const TICKS_MAX = 6;

/** Round values along the axis, at most six. */
export function valueTicks({ unit, logarithmic = false }: Chart, { extent }: Scale): Tick[] {
  const ats = logarithmic ? logTicks(extent) : linearTicks(extent);
  const step = ats.length > 1 ? ats[1]! - ats[0]! : 1;
  return ats.map((at) => ({ at, text: valueText(at, unit, step) }));
}

function linearTicks({ least: low, most: high }: Extent): number[] {
  const step = roundStep((high - low) / (TICKS_MAX - 1));
  const ticks: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++)
    ticks.push(i * step + 0);
  return ticks;
}

/** Powers of ten as they are written: products of tens would drift. */
const powers: readonly number[] = Array.from({ length: 28 }, (_, i) => Number(`1e${i - 12}`));

/** The next of 1, 2, 5 times a power of ten that is not below `least`. */
function roundStep(least: number): number {
  const steps = powers.flatMap((power) => STEPS.map((step) => step * power));
  return steps.find((step) => step >= least * (1 - 1e-9)) ?? least;
}

/** Powers of ten, with their doubles and fives where there are few. */
function logTicks(extent: Extent): number[] {
  const inside = (at: number): boolean => at >= extent.least && at <= extent.most;
  const all = powers.flatMap((power) => STEPS.map((step) => step * power)).filter(inside);
  if (all.length < 3) return linearTicks(extent);
  if (all.length <= TICKS_MAX) return all;
  const decades = powers.filter(inside);
  const stride = Math.ceil(decades.length / TICKS_MAX);
  return decades.filter((_, i) => i % stride === 0);
}

function valueText(value: number, unit: Unit, step: number): string {
  const digits = (size: number): number => {
    let count = 0;
    for (let rest = size; rest < 0.999 && count < 8; rest *= 10) count += 1;
    return count;
  };
  if (unit === "percent") return `${(100 * value).toFixed(digits(100 * step))} %`;
  if (unit === "price" && value >= 1000) return `${trimmed(value / 1000)}k`;
  return value.toFixed(digits(Math.min(step, value > 0 ? value : step)));
}

const trimmed = (value: number): string => `${Math.floor(100 * value + 0.5) / 100}`;

const DAY_MS = 86_400_000;
const TIME_TICKS_MAX = 12;

/** Days, months or years along the axis, at most a dozen. */
export function timeTicks(times: Float64Array): Tick[] {
  const [first, last] = [times[0] ?? 0, times.at(-1) ?? 0];
  if (last - first < 75 * DAY_MS) return dayTicks(first, last);
  const months = Math.ceil((last - first) / (30 * DAY_MS));
  const stride = [1, 2, 3, 6, 12, 24, 36, 60, 120, 240].find(
    (one) => months / one <= TIME_TICKS_MAX,
  );
  return monthTicks(first, last, stride ?? 600);
}

function dayTicks(first: number, last: number): Tick[] {
  const days = Math.max(1, Math.ceil((last - first) / DAY_MS / TIME_TICKS_MAX));
  const ticks: Tick[] = [];
  for (let at = Math.ceil(first / DAY_MS) * DAY_MS; at <= last; at += days * DAY_MS)
    ticks.push({ at, text: new Date(at).toISOString().slice(5, 10) });
  return ticks;
}

function monthTicks(first: number, last: number, stride: number): Tick[] {
  const start = new Date(first);
  const ticks: Tick[] = [];
  const from = stride >= 12 ? 0 : start.getUTCMonth() - (start.getUTCMonth() % stride);
  for (let month = from; ; month += stride) {
    const at = Date.UTC(start.getUTCFullYear(), month);
    if (at > last) return ticks;
    const iso = new Date(at).toISOString();
    if (at >= first) ticks.push({ at, text: stride >= 12 ? iso.slice(0, 4) : iso.slice(0, 7) });
  }
}
