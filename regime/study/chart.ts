/**
 * A line chart as SVG text: a few series over one time axis, with points that stand out.
 *
 * Long series are thinned to one stroke per pixel, from its lowest to its highest value, so that no
 * peak is lost.
 */
export interface ChartLine {
  readonly name: string;
  readonly colour: string;
  /** Shape [times]. */
  readonly values: Float64Array;
}

export interface Chart {
  readonly title: string;
  /** Ascending, ms since the epoch. */
  readonly times: Float64Array;
  readonly lines: readonly ChartLine[];
  /** Moments that stand out, with a value on the same axis. */
  readonly points?: readonly { readonly at: number; readonly value: number }[];
  /** Shown at the axis: 0.18 as 18 %. */
  readonly percent: boolean;
}

const WIDTH = 960;
const HEIGHT = 260;
const LEFT = 56;
const BOTTOM = 24;
const TOP = 28;
const GRID_LINES = 5;
const YEAR_LABELS_MAX = 16;

interface Scale {
  readonly x: (ms: number) => number;
  readonly y: (value: number) => number;
  readonly most: number;
}

export function chartSvg(chart: Chart): string {
  const scale = scaleOf(chart);
  const parts = [
    ...grid(chart, scale),
    ...chart.lines.map((line) => stroke(chart.times, line, scale)),
    ...(chart.points ?? []).map(({ at, value }) => dot(scale.x(at), scale.y(value))),
    legend(chart),
  ];
  const box = `viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${chart.title}"`;
  return `<svg ${box} xmlns="http://www.w3.org/2000/svg">${parts.join("")}</svg>`;
}

function scaleOf({ times, lines, points = [] }: Chart): Scale {
  const first = times[0] ?? 0;
  const span = Math.max(1, (times.at(-1) ?? 1) - first);
  let most = 0;
  for (const { values } of lines) for (const value of values) most = Math.max(most, value);
  for (const { value } of points) most = Math.max(most, value);
  if (most === 0) most = 1;
  return {
    x: (ms) => LEFT + ((ms - first) / span) * (WIDTH - LEFT - 8),
    y: (value) => HEIGHT - BOTTOM - (value / most) * (HEIGHT - BOTTOM - TOP),
    most,
  };
}

function stroke(times: Float64Array, { colour, values }: ChartLine, { x, y }: Scale): string {
  const perStroke = Math.max(1, Math.floor(times.length / (WIDTH - LEFT)));
  const path: string[] = [];
  for (let i = 0; i < times.length; i += perStroke) {
    const part = values.subarray(i, i + perStroke);
    const low = part.reduce((least, value) => Math.min(least, value), part[0]!);
    const high = part.reduce((most, value) => Math.max(most, value), part[0]!);
    const at = x(times[i]!).toFixed(1);
    path.push(`${at},${y(low).toFixed(1)}`);
    if (high > low) path.push(`${at},${y(high).toFixed(1)}`);
  }
  return `<polyline fill="none" stroke="${colour}" points="${path.join(" ")}"/>`;
}

const dot = (x: number, y: number): string =>
  `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3" fill="#c0392b"/>`;

function grid({ times, percent }: Chart, { x, y, most }: Scale): string[] {
  const lines: string[] = [];
  for (let i = 0; i <= GRID_LINES; i++) {
    const value = (most * i) / GRID_LINES;
    const at = y(value).toFixed(1);
    const text = percent ? `${(100 * value).toFixed(most < 0.1 ? 1 : 0)} %` : value.toFixed(2);
    lines.push(`<line x1="${LEFT}" x2="${WIDTH}" y1="${at}" y2="${at}" stroke="#e4e4e4"/>`);
    lines.push(`<text x="${LEFT - 6}" y="${at}" text-anchor="end" dy="4">${text}</text>`);
  }
  for (const { ms, year } of years(times))
    lines.push(`<text x="${x(ms).toFixed(1)}" y="${HEIGHT - 6}">${year}</text>`);
  return lines;
}

/** The first days of the years shown, thinned until they can be read. */
function years(times: Float64Array): { ms: number; year: number }[] {
  const yearOf = (ms: number): number => new Date(ms).getUTCFullYear();
  const first = yearOf(times[0] ?? 0) + 1;
  const last = yearOf(times.at(-1) ?? 0);
  const stride = Math.ceil(Math.max(1, last - first + 1) / YEAR_LABELS_MAX);
  const shown: { ms: number; year: number }[] = [];
  for (let year = first; year <= last; year += stride) shown.push({ ms: Date.UTC(year, 0), year });
  return shown;
}

function legend({ title, lines }: Chart): string {
  const names = lines.map(({ name, colour }) => `<tspan fill="${colour}"> ■ ${name}</tspan>`);
  const head = `<tspan font-weight="bold">${title}</tspan>`;
  return `<text x="${LEFT}" y="16">${head}${names.join("")}</text>`;
}
