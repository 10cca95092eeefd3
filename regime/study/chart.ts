/**
 * A chart for a page: lines as SVG that stretches to any width, its figures as text beside it.
 *
 * The drawing is stretched without regard to its proportions, so strokes and dots keep their size
 * (non-scaling strokes; a dot is a line of no length with round ends) and no text stands in it: a
 * phone shows the same letters as a desk.
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

const WIDTH = 1000;
const HEIGHT = 300;

export function chartHtml(chart: Chart): string {
  const scale = scaleOf(chart, WIDTH, HEIGHT);
  const note = chart.note === undefined ? "" : `<p>${escaped(chart.note)}</p>`;
  return (
    `<figure><figcaption><h3>${escaped(chart.title)}</h3>${legend(chart)}${note}</figcaption>` +
    `<div class="plot"><div class="ys">${valueLabels(chart, scale)}</div>` +
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" ` +
    `aria-label="${escaped(chart.title)}">${drawing(chart, scale)}</svg>` +
    `<div class="xs">${timeLabels(chart, scale)}</div></div></figure>\n`
  );
}

function drawing(chart: Chart, scale: Scale): string {
  const { lines, band, points = [], judgedFromMs } = chart;
  const parts = valueTicks(chart, scale).map(
    ({ at }) => `<path class="grid" d="M0 ${short(scale.y(at))}H${WIDTH}"/>`,
  );
  if (judgedFromMs !== undefined) {
    const width = Math.max(0, Math.min(WIDTH, scale.x(judgedFromMs)));
    parts.unshift(`<rect class="before" width="${short(width)}" height="${HEIGHT}"/>`);
  }
  if (band !== undefined)
    parts.push(`<path class="band ${band.tone}" d="${bandPath(chart, band, scale)}"/>`);
  for (const { tone, values, dashed } of lines)
    parts.push(
      `<path class="line ${tone}${dashed === true ? " dashed" : ""}" ` +
        `d="${linePath(chart, values, scale)}"/>`,
    );
  for (const { at, value, text } of points)
    parts.push(
      `<path class="dot" d="M${short(scale.x(at))} ${short(scale.y(value))}h0">` +
        `<title>${escaped(text)}</title></path>`,
    );
  return parts.join("");
}

function legend({ lines, band, points = [] }: Chart): string {
  const key = (tone: string, name: string): string =>
    `<span class="key ${tone}">${escaped(name)}</span>`;
  return [
    ...lines.map(({ tone, name }) => key(tone, name)),
    ...(band === undefined ? [] : [key(`${band.tone} wide`, band.name)]),
    ...(points.length === 0 ? [] : [key("over", `exceeded: ${points.length}`)]),
  ].join("");
}

function valueLabels(chart: Chart, scale: Scale): string {
  return valueTicks(chart, scale)
    .map(({ at, text }) => {
      const top = (100 * scale.y(at)) / HEIGHT;
      return `<span style="top:${short(top)}%">${text}</span>`;
    })
    .join("");
}

/** Every other label is left out where there is little room. */
function timeLabels({ times }: Chart, scale: Scale): string {
  return timeTicks(times)
    .map(({ at, text }, i) => {
      const left = (100 * scale.x(at)) / WIDTH;
      const kind = i % 3 === 0 ? "always" : "roomy";
      return `<span class="${kind}" style="left:${short(left)}%">${text}</span>`;
    })
    .join("");
}
