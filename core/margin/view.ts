/**
 * One underlying as a stage sees it: its rows, their masks, and what turns P&L into the numeraire.
 *
 * The view is rebuilt when the index, the time or a published range moves. What depends only on the
 * ranges (grid and masks) is taken over from the view before; what follows the index is a few
 * columns. Where both stages have one range (or share a ladder) they share one plane, so each leg
 * is priced once. An underlying with a beta other than 1 has further planes with every slide
 * multiplied.
 */
import type { MarketUnderlying, PublishedRange } from "../book.ts";
import { RiskError } from "../errors.ts";
import { buildGrid, type Grid } from "../scenario/grid.ts";
import { type Mask, masksOf, nodesFor, rowWeight } from "../scenario/mask.ts";
import type { Moves, Plane } from "../scenario/risk-array.ts";
import { rowFamilies, type Staged, type UnderlyingTerms } from "../terms.ts";
import type { Numeraire } from "./prices.ts";

/** A stage's plane by number, and the masks through which it is read. */
export interface StageView {
  readonly plane: number;
  readonly masks: readonly Mask[];
  /** Plane whose rows meet those of other underlyings; the same unless there is a beta. */
  readonly jointPlane: number;
  readonly range: number;
  /**
   * By liquidity tier: what lies up to its gamma nodes beyond the range; null: nothing is asked.
   */
  readonly beyond: readonly (Reach | null)[];
}

export interface Reach {
  /** From the range to the outermost node looked at, a fraction > 0. */
  readonly width: number;
  readonly masks: readonly Mask[];
}

export interface UnderlyingView {
  readonly id: string;
  readonly terms: UnderlyingTerms;
  readonly index: number;
  readonly confidence: number;
  /** Numeraire per USD now. */
  readonly unit: number;
  readonly volScale: number;
  readonly beta: number;
  readonly planes: readonly Plane[];
  readonly initial: StageView;
  readonly maintenance: StageView;
}

export interface ViewOptions {
  readonly underlying: MarketUnderlying;
  readonly terms: UnderlyingTerms;
  readonly published: PublishedRange | undefined;
  readonly numeraire: Numeraire;
  readonly beta: number;
  /** Ladder nodes priced beyond the widest range, so that a moved range prices nothing. */
  readonly spareNodes: number;
}

/** The view of `options.underlying`; `before` lends its grid and masks while they still hold. */
export function viewUnderlying(options: ViewOptions, before?: UnderlyingView): UnderlyingView {
  const { underlying, terms, beta, numeraire } = options;
  const ranges = rangesOf(terms, options.published);
  const same = before !== undefined && holds(before, terms, ranges, beta);
  const grids = same ? before.planes.map(({ grid }) => grid) : gridsOf(options, ranges);
  const planes = grids.map((grid, i) => planeOf(options, grid, planeRange(grids, ranges, beta, i)));
  return {
    id: underlying.id,
    terms,
    index: underlying.index,
    confidence: underlying.confidence,
    unit: 1 / numeraire.price,
    volScale: volScaleOf(terms, options.published),
    beta,
    planes,
    initial: same ? before.initial : stageView(terms, grids, ranges.initial, beta, 0),
    maintenance: same
      ? before.maintenance
      : stageView(terms, grids, ranges.maintenance, beta, sharesGrid(terms, ranges) ? 0 : 1),
  };
}

/** Half-widths of the price axis by stage, after the terms' say in what the regime may move. */
export function rangesOf(terms: UnderlyingTerms, published: PublishedRange | undefined): Staged {
  const own = terms.scenarios.slideRange;
  const { mode } = terms.regime;
  if (published === undefined || mode === "off" || mode === "scale") {
    return { initial: own, maintenance: own };
  }
  const { initial, maintenance } = published.slideRange;
  if (mode === "replace") return { initial, maintenance };
  return { initial: Math.max(own, initial), maintenance: Math.max(own, maintenance) };
}

function volScaleOf(terms: UnderlyingTerms, published: PublishedRange | undefined): number {
  if (published === undefined || terms.regime.mode === "off") return 1;
  return terms.regime.mode === "floor" ? Math.max(1, published.volScale) : published.volScale;
}

function holds(
  before: UnderlyingView,
  terms: UnderlyingTerms,
  ranges: Staged,
  beta: number,
): boolean {
  return (
    before.terms === terms &&
    before.beta === beta &&
    before.initial.range === ranges.initial &&
    before.maintenance.range === ranges.maintenance
  );
}

const onLadder = ({ scenarios }: UnderlyingTerms) =>
  scenarios.rows === null && scenarios.recipe === "ladder";

/** Whether one set of rows serves both stages. */
function sharesGrid(terms: UnderlyingTerms, { initial, maintenance }: Staged): boolean {
  return onLadder(terms) || terms.scenarios.rows !== null || initial === maintenance;
}

function gridsOf({ terms, beta, spareNodes }: ViewOptions, ranges: Staged): Grid[] {
  const nodes = onLadder(terms) ? ladderNodes(terms, ranges, spareNodes) : 0;
  const stages = sharesGrid(terms, ranges)
    ? [ranges.initial]
    : [ranges.initial, ranges.maintenance];
  const plain = stages.map((range) => buildGrid(terms, range, nodes));
  if (beta === 1) return plain;
  return [...plain, ...stages.map((range) => buildGrid(terms, range, nodes, beta))];
}

function ladderNodes(terms: UnderlyingTerms, ranges: Staged, spareNodes: number): number {
  const { step, max } = terms.scenarios.ladder;
  const widest = Math.max(ranges.initial, ranges.maintenance);
  const most = Math.floor(max / step + 0.5);
  const needed = nodesFor(widest, step);
  if (needed > most) {
    throw new RiskError("out_of_bounds", {
      path: `grids.${terms.regime.assetClass}.slideRange`,
      expected: `at most the ladder's ${max}`,
      found: String(widest),
    });
  }
  const beyond = Math.max(0, ...(terms.liquidity?.tiers.map((tier) => tier.gammaNodes) ?? []));
  return Math.min(most, needed + Math.max(spareNodes, beyond));
}

function stageView(
  terms: UnderlyingTerms,
  grids: readonly Grid[],
  range: number,
  beta: number,
  plane: number,
): StageView {
  const jointPlane = beta === 1 ? plane : plane + grids.length / 2;
  const grid = grids[plane]!;
  const masks = masksOf(terms, grid, range);
  return { plane, jointPlane, range, masks, beyond: reaches(terms, grid, range) };
}

function reaches(terms: UnderlyingTerms, grid: Grid, range: number): (Reach | null)[] {
  const { step } = terms.scenarios.ladder;
  return (terms.liquidity?.tiers ?? []).map(({ gammaNodes }) => {
    const to = Math.min(range + gammaNodes * step, grid.nodes * step);
    if (gammaNodes === 0 || !(to > range)) return null;
    return { width: to - range, masks: masksOf(terms, grid, to) };
  });
}

function planeRange(grids: readonly Grid[], ranges: Staged, beta: number, plane: number): number {
  const stages = beta === 1 ? grids.length : grids.length / 2;
  return plane % stages === 0 ? ranges.initial : ranges.maintenance;
}

const TAILS = rowFamilies.indexOf("tails");

function planeOf(options: ViewOptions, grid: Grid, range: number): Plane {
  const { terms } = options;
  const clamps = terms.scenarios.tails?.linear === "clampAtRange";
  return {
    grid,
    ...movesOf(options, grid.slide, range),
    clamped: clamps ? movesOf(options, atEdge(grid, range), range) : null,
    weight: grid.weight.map((_, row) => rowWeight(terms, grid, row, range)),
  };
}

/** Slides of the rows, with tails stopped at the range. */
function atEdge({ slide, family }: Grid, range: number): Float64Array {
  return slide.map((move, row) => (family[row] === TAILS ? within(range, move) : move));
}

function movesOf(
  { underlying, terms, numeraire }: ViewOptions,
  slide: Float64Array,
  range: number,
): Moves {
  const own = numeraire.underlying === underlying.id;
  const linearFactor = new Float64Array(slide.length);
  const coinFactor = new Float64Array(slide.length);
  for (let row = 0; row < slide.length; row++) {
    const shocked = underlying.index * (1 + slide[row]!);
    const at = conversionIndex(terms, underlying.index, slide[row]!, range);
    linearFactor[row] = own ? 1 / at : 1 / numeraire.price;
    coinFactor[row] = own ? shocked / at : at / numeraire.price;
  }
  return { slide, linearFactor, coinFactor };
}

const within = (range: number, move: number) => Math.min(range, Math.max(-range, move));

function conversionIndex(
  { conversion }: UnderlyingTerms,
  index: number,
  slide: number,
  range: number,
): number {
  if (conversion === "base") return index;
  return index * (1 + (conversion === "shocked" ? slide : within(range, slide)));
}
