/**
 * A chart as a picture of its own: an SVG with its letters in it, for a page that shows images.
 *
 * It follows light and dark like the page around it, where the reader's viewer tells it.
 */
import {
  bandPath,
  type Chart,
  linePath,
  type Scale,
  scaleOf,
  short,
  timeTicks,
  valueTicks,
} from "./chart-scale.ts";
import { escaped } from "./page-text.ts";

const WIDTH = 900;
const PLOT_HEIGHT = 210;
const LEFT = 62;
const RIGHT = 26;
const HEAD = 46;
const FOOT = 30;
const PANEL_HEIGHT = HEAD + PLOT_HEIGHT + FOOT;

const style =
  "text{font:13px system-ui,sans-serif;fill:#4a5261}.t{font-weight:600;fill:#1d2430}" +
  ".bg{fill:#ffffff}.grid{stroke:#dfe2e6}path{fill:none;stroke-width:1.6}" +
  ".ink{--t:#1d2430}.a{--t:#1f5fa8}.b{--t:#c2570c}.c{--t:#7a4fa3}.d{--t:#2f7d4f}.e{--t:#8b93a0}" +
  ".line{stroke:var(--t)}.dashed{stroke-dasharray:6 4}" +
  ".band{fill:var(--t);opacity:.18;stroke:none}" +
  ".dot{stroke:#c2303c;stroke-width:8;stroke-linecap:round}tspan{fill:var(--t)}" +
  "@media (prefers-color-scheme:dark){text{fill:#9aa3b2}.t{fill:#e4e7ec}.bg{fill:#14171c}" +
  ".grid{stroke:#323843}.ink{--t:#e4e7ec}.a{--t:#6fb0f2}.b{--t:#f0955a}.c{--t:#c0a0ea}" +
  ".d{--t:#70c494}.e{--t:#7c8594}.dot{stroke:#ff7a80}}";

/** Charts one under the other. @param label what the picture shows, for those who cannot see it */
export function figureSvg(charts: readonly Chart[], label: string): string {
  const height = charts.length * PANEL_HEIGHT;
  const panels = charts.map(
    (chart, i) =>
      `<g transform="translate(${LEFT} ${i * PANEL_HEIGHT + HEAD})">${panel(chart)}</g>`,
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" ` +
    `aria-label="${escaped(label)}">\n<style>${style}</style>\n` +
    `<rect class="bg" width="${WIDTH}" height="${height}"/>\n${panels.join("\n")}\n</svg>\n`
  );
}

function panel(chart: Chart): string {
  const width = WIDTH - LEFT - RIGHT;
  const scale = scaleOf(chart, width, PLOT_HEIGHT);
  const { band, lines, points = [] } = chart;
  return [
    `<text y="-26">${heading(chart)}</text>`,
    ...valueTicks(chart, scale).map(({ at, text }) => valueTick(scale.y(at), width, text)),
    ...timeTicks(chart.times).map(({ at, text }) => timeTick(scale.x(at), text)),
    ...(band === undefined
      ? []
      : [`<path class="band ${band.tone}" d="${bandPath(chart, band, scale)}"/>`]),
    ...lines.map((line) => lineOf(chart, line, scale)),
    ...points.map(
      ({ at, value, text }) =>
        `<path class="dot" d="M${short(scale.x(at))} ${short(scale.y(value))}h0">` +
        `<title>${escaped(text)}</title></path>`,
    ),
  ].join("\n");
}

function lineOf(chart: Chart, { tone, values, dashed }: Chart["lines"][number], scale: Scale) {
  const kind = dashed === true ? " dashed" : "";
  return `<path class="line ${tone}${kind}" d="${linePath(chart, values, scale)}"/>`;
}

const valueTick = (y: number, width: number, text: string): string =>
  `<path class="grid" d="M0 ${short(y)}H${width}"/>` +
  `<text x="-8" y="${short(y)}" dy="4" text-anchor="end">${text}</text>`;

const timeTick = (x: number, text: string): string =>
  `<text x="${short(x)}" y="${PLOT_HEIGHT + 20}" text-anchor="middle">${text}</text>`;

function heading({ title, lines, band, points = [] }: Chart): string {
  const key = (tone: string, mark: string, name: string): string =>
    `<tspan class="${tone}" dx="14">${mark}</tspan> ${escaped(name)}`;
  return [
    `<tspan class="t ink">${escaped(title)}</tspan>`,
    ...lines.map(({ tone, name, dashed }) => key(tone, dashed === true ? "╌" : "━", name)),
    ...(band === undefined ? [] : [key(band.tone, "▒", band.name)]),
    ...(points.length === 0 ? [] : [`<tspan style="fill:#c2303c" dx="14">●</tspan> exceeded`]),
  ].join("");
}
