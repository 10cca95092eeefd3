/**
 * The scenario grid of one underlying: every row under which its legs are revalued.
 *
 * Rows are columns of numbers, in the canonical order: slides ascending and the vol directions
 * inside, then tails, skew, theta copies, rate copies. Explicit rows are taken as they stand and
 * count as slides. The price nodes of a ladder are fixed, so a moved range changes only the mask
 * (mask.ts) through which rows are seen, and nothing is priced again. Skew terms add their two rows
 * to explicit ones that name none.
 *
 *      node     -3   -2   -1    0   +1   +2   +3      slide = node x step
 *      vol up    0    3    6    9   12   15   18
 *      vol flat  1    4    7   10   13   16   19
 *      vol down  2    5    8   11   14   17   20
 */
import {
  type RowFamily,
  type RowTerms,
  rowFamilies,
  type UnderlyingTerms,
  type VolDirection,
} from "../terms.ts";

/** How a row moves the vol: one of three directions, or by a number of its own. */
export const volCodes = { down: -1, flat: 0, up: 1, own: 2 } as const;
export const skewCodes = { none: 0, linear: 1, absolute: 2 } as const;

export interface Grid {
  readonly count: number;
  /** All columns have shape [count]. */
  readonly slide: Float64Array;
  readonly volCode: Int8Array;
  /** Relative vol move of rows with code `own`. */
  readonly volMove: Float64Array;
  readonly volPoints: Float64Array;
  readonly skewCode: Int8Array;
  /** Weight of explicit rows and of named tail weights; 1 elsewhere. */
  readonly weight: Float64Array;
  readonly dtDays: Float64Array;
  readonly dr: Float64Array;
  /** Index into `rowFamilies`. */
  readonly family: Uint8Array;
  /** Signed price node of slides, theta and rate rows on a ladder, else 0. */
  readonly node: Int16Array;
  /** Largest |node| priced; 0 off a ladder. */
  readonly nodes: number;
  /** Index within its family and copy: what rows of different underlyings are matched by. */
  readonly copy: Uint16Array;
}

interface Row extends RowTerms {
  readonly family: RowFamily;
  readonly node: number;
  readonly copy: number;
}

const unmoved: RowTerms = {
  slide: 0,
  vol: "flat",
  volPoints: 0,
  skew: null,
  weight: 1,
  dtDays: 0,
  dr: 0,
};

/** Rows of one vol direction or copy at every slide. */
type Axis = readonly { readonly slide: number; readonly node: number }[];

/**
 * Lays out the rows of `terms`.
 *
 * @param range half-width of the points recipe's price axis; a ladder ignores it
 * @param nodes price nodes on each side of a ladder
 * @param beta factor on every slide, for rows that stand in an offset group
 */
export function buildGrid(terms: UnderlyingTerms, range: number, nodes: number, beta = 1): Grid {
  return columns(rowsOf(terms, range, nodes), beta, nodes);
}

function rowsOf(terms: UnderlyingTerms, range: number, nodes: number): Row[] {
  const { scenarios } = terms;
  if (scenarios.rows !== null) {
    const named = scenarios.rows.some(({ skew }) => skew !== null);
    const rows = named ? scenarios.rows : [...scenarios.rows, ...skewRows(terms)];
    return rows.map((row, copy) => ({ ...row, family: "slides", node: 0, copy }));
  }
  if (scenarios.recipe === "none") return [];
  const axis =
    scenarios.recipe === "ladder"
      ? ladderAxis(scenarios.ladder.step, nodes)
      : pointsAxis(range, scenarios.slidePoints);
  return [
    ...axis.flatMap((at) =>
      scenarios.core.map((vol, copy): Row => ({ ...unmoved, ...at, vol, family: "slides", copy })),
    ),
    ...tailRows(terms),
    ...skewRows(terms),
    ...scenarios.cross.dtDays.flatMap((dtDays, copy) =>
      axis.map((at): Row => ({ ...unmoved, ...at, dtDays, family: "theta", copy })),
    ),
    ...scenarios.cross.dr.flatMap((dr, copy) =>
      axis.map((at): Row => ({ ...unmoved, ...at, dr, family: "rates", copy })),
    ),
  ];
}

function ladderAxis(step: number, nodes: number): Axis {
  return Array.from({ length: 2 * nodes + 1 }, (_, i) => ({
    node: i - nodes,
    slide: (i - nodes) * step,
  }));
}

/** `points` nodes evenly from -range to +range; an even count gets node 0 besides. */
export function pointsAxis(range: number, points: number): Axis {
  const slides = Array.from(
    { length: points },
    (_, i) => (range * (2 * i - points + 1)) / (points - 1),
  );
  if (points % 2 === 0) slides.splice(points / 2, 0, 0);
  return slides.map((slide) => ({ slide, node: 0 }));
}

function tailRows({ scenarios: { tails } }: UnderlyingTerms): Row[] {
  if (tails === null) return [];
  return tails.moves.map((slide, i) => ({
    ...unmoved,
    slide,
    vol: tails.vol,
    weight: tails.weights?.[i] ?? 1,
    family: "tails",
    node: 0,
    copy: i,
  }));
}

function skewRows({ skew }: UnderlyingTerms): Row[] {
  if (skew === null) return [];
  return (["linear", "absolute"] as const).map((kind, copy) => ({
    ...unmoved,
    skew: kind,
    family: "skew",
    node: 0,
    copy,
  }));
}

const directionCodes: Readonly<Record<VolDirection, number>> = volCodes;

function columns(rows: readonly Row[], beta: number, nodes: number): Grid {
  const column = (of: (row: Row) => number) => Float64Array.from(rows, of);
  return {
    count: rows.length,
    slide: column((row) => row.slide * beta),
    volCode: Int8Array.from(rows, ({ vol }) =>
      typeof vol === "number" ? volCodes.own : directionCodes[vol]!,
    ),
    volMove: column(({ vol }) => (typeof vol === "number" ? vol : 0)),
    volPoints: column((row) => row.volPoints),
    skewCode: Int8Array.from(rows, ({ skew }) => skewCodes[skew ?? "none"]),
    weight: column((row) => row.weight),
    dtDays: column((row) => row.dtDays),
    dr: column((row) => row.dr),
    family: Uint8Array.from(rows, (row) => rowFamilies.indexOf(row.family)),
    node: Int16Array.from(rows, (row) => row.node),
    nodes,
    copy: Uint16Array.from(rows, (row) => row.copy),
  };
}
