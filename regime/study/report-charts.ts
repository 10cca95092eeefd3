/**
 * The charts of a study: price with what was published around it, what exceeded it, what moved it.
 */
import type { Chart, ChartLine, ChartPoint } from "./chart-scale.ts";
import { judgedCloses } from "./judge.ts";
import { date, percent } from "./page-text.ts";
import { ewmaRange } from "./references.ts";
import type { Series } from "./series.ts";
import type { Study } from "./study.ts";

const DAY_MS = 86_400_000;
/** Days that a close-up shows on each side. */
const CLOSE_UP_DAYS = 12;
/** Colours of further sets of terms, in turn. */
const TONES = ["b", "c", "d", "f"] as const;

/** A day whose move exceeded the range. */
export interface Exceedance {
  /** Index of the close from which the day is measured. */
  readonly index: number;
  readonly at: number;
  readonly move: number;
  readonly range: number;
}

/** In order of time. */
export function exceedancesOf({ frame, test, series }: Study): readonly Exceedance[] {
  return judgedCloses(frame, test)
    .filter((i) => frame.moves[i]! > series.initial[i]!)
    .map((i) => ({
      index: i,
      at: series.closeMs[i]!,
      move: frame.moves[i]!,
      range: series.initial[i]!,
    }));
}

export function chartsOf(found: Study): readonly Chart[] {
  const over = exceedancesOf(found);
  const worst = over.reduce<Exceedance | undefined>(
    (most, one) => (most === undefined || excess(one) > excess(most) ? one : most),
    undefined,
  );
  return [
    priceChart(found, over),
    exceedanceChart(found, over),
    ...(worst === undefined ? [] : [closeUp(found, worst.at)]),
    rangeChart(found),
    ...componentCharts(found),
    drawdownChart(found),
  ];
}

const excess = ({ move, range }: Exceedance): number => move - range;

function pricesOf({ frame }: Study): Float64Array {
  return Float64Array.from(frame.bars, ({ close }) => close);
}

function bandOf(price: Float64Array, range: Float64Array) {
  const edge = (side: 1 | -1): Float64Array => price.map((at, i) => at * (1 + side * range[i]!));
  return { name: "covered by the published range", tone: "a", low: edge(-1), high: edge(1) };
}

const dotText = ({ at, move, range }: Exceedance): string =>
  `from ${date(at)}: moved ${percent(1)(move)}, range ${percent(2)(range)}`;

function priceChart(found: Study, over: readonly Exceedance[]): Chart {
  const values = pricesOf(found);
  const { closeMs: times, initial } = found.series;
  return {
    title: "Price and published range",
    note: "Equal distances are equal ratios; shaded: before the test began.",
    times,
    unit: "price",
    logarithmic: true,
    lines: [{ name: "price", tone: "ink", values }],
    band: bandOf(values, initial),
    points: over.map((one) => ({ at: one.at, value: values[one.index]!, text: dotText(one) })),
    judgedFromMs: found.test.fromMs,
  };
}

function exceedanceChart({ frame, test, series }: Study, over: readonly Exceedance[]): Chart {
  const closes = judgedCloses(frame, test);
  const at = (column: Float64Array): Float64Array => Float64Array.from(closes, (i) => column[i]!);
  return {
    title: "Exceedances",
    note: "The worst move of the day after each close, and the range that stood at it.",
    times: at(series.closeMs),
    unit: "percent",
    lines: [
      { name: "worst move", tone: "e", values: at(frame.moves) },
      { name: "range", tone: "a", values: at(series.initial) },
    ],
    points: over.map((one) => ({ at: one.at, value: one.move, text: dotText(one) })),
  };
}

/** Price, ranges and what was exceeded, twelve days around a moment. */
export function closeUp(found: Study, atMs: number): Chart {
  const { series } = found;
  const part = sliceOf(series.closeMs, atMs);
  const times = series.closeMs.slice(...part);
  const price = pricesOf(found).slice(...part);
  const inside = ({ at }: Exceedance): boolean => at >= times[0]! && at <= times.at(-1)!;
  const points: ChartPoint[] = exceedancesOf(found)
    .filter(inside)
    .map((one) => ({ at: one.at, value: price[one.index - part[0]]!, text: dotText(one) }));
  return {
    title: `The days around ${date(atMs)}`,
    note: "A dot stands at the close from which the next day left the range.",
    times,
    unit: "price",
    logarithmic: true,
    lines: [{ name: "price", tone: "ink", values: price }],
    band: bandOf(price, series.initial.slice(...part)),
    points,
  };
}

/** What was published in those days, beside its target and ranges that never move. */
export function rangesAround({ series }: Study, atMs: number): Chart {
  const part = sliceOf(series.closeMs, atMs);
  const times = series.closeMs.slice(...part);
  const fixed = (name: string, tone: string, value: number): ChartLine => ({
    name,
    tone,
    values: new Float64Array(times.length).fill(value),
    dashed: true,
  });
  return {
    title: "Ranges",
    times,
    unit: "percent",
    lines: [
      fixed("static 15 %", "b", 0.15),
      fixed("static 20 %", "c", 0.2),
      { name: "target", tone: "e", values: series.target.slice(...part) },
      { name: "maintenance", tone: "d", values: series.maintenance.slice(...part) },
      { name: "initial", tone: "a", values: series.initial.slice(...part) },
    ],
  };
}

function sliceOf(times: Float64Array, atMs: number): [number, number] {
  const from = times.findIndex((at) => at >= atMs - CLOSE_UP_DAYS * DAY_MS);
  const after = times.findIndex((at) => at > atMs + CLOSE_UP_DAYS * DAY_MS);
  return [Math.max(0, from), after < 0 ? times.length : after];
}

function rangeChart({ frame, test, series, several }: Study): Chart {
  const ewma = ewmaRange(frame, 0.97, test.coverage);
  const others: ChartLine[] = several
    .slice(1)
    .map(({ name, initial }, i) => ({ name, tone: TONES[i % TONES.length]!, values: initial }));
  return {
    title: "The range, and where it was heading",
    times: series.closeMs,
    unit: "percent",
    lines: [
      ...(others.length > 0
        ? others
        : [{ name: "EWMA 0.97 with simulated level", tone: "b", values: ewma, dashed: true }]),
      { name: "target", tone: "e", values: series.target },
      { name: "published", tone: "a", values: series.initial },
    ],
    judgedFromMs: test.fromMs,
  };
}

function componentCharts({ series, test }: Study): Chart[] {
  const chart = (
    title: string,
    unit: Chart["unit"],
    lines: readonly (readonly [name: string, tone: string, column: keyof Series])[],
  ): Chart => ({
    title,
    unit,
    times: series.closeMs,
    lines: lines.map(([name, tone, column]) => ({ name, tone, values: series[column] })),
    judgedFromMs: test.fromMs,
  });
  return [
    {
      ...chart("Components: daily sigma", "percent", [
        ["fast", "b", "sigmaFast"],
        ["slow", "a", "sigmaSlow"],
      ]),
      logarithmic: true,
    },
    chart("Components: level k, daily scales in the covered move", "number", [["k", "a", "k"]]),
    chart("Components: tails and what they add", "number", [
      ["tau", "e", "tau"],
      ["kurtosis term T", "c", "kurtFactor"],
      ["vol scale", "d", "volScale"],
    ]),
  ];
}

function drawdownChart(found: Study): Chart {
  let peak = 0;
  const values = pricesOf(found).map((price) => {
    peak = Math.max(peak, price);
    return peak > 0 ? price / peak - 1 : 0;
  });
  return {
    title: "Drawdown of the price from its peak",
    times: found.series.closeMs,
    unit: "percent",
    lines: [{ name: "drawdown", tone: "b", values }],
    judgedFromMs: found.test.fromMs,
  };
}
