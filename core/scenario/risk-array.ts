/**
 * Risk arrays: the P&L of ONE long contract in every row of a grid, in the numeraire.
 *
 * Positions enter later, as a dot product, so a mark reprices an instrument once for all the
 * accounts that hold it and a trade prices nothing.
 *
 *      kind                    P&L of a row, before conversion
 *      future, perpetual       size (F1 - F0)                      inverse: size (1/F0 - 1/F1) coin
 *      option                  V(F1, vol', T - dt, r + dr) - V0    inverse: undiscounted, / F, coin
 *      spot, fx                size mark slide
 *      bond                    value (-D dr + C dr² / 2)
 *
 * Coin amounts turn into the numeraire at the index that the terms' `conversion` names.
 */
import { exp } from "../math/exp.ts";
import { log } from "../math/log.ts";
import { black } from "../pricing/black76.ts";
import { rowFamilies, type UnderlyingTerms } from "../terms.ts";
import { type Grid, skewCodes, volCodes } from "./grid.ts";
import { type ShockedVols, shockVol } from "./vol-shock.ts";

export const SECONDS_PER_DAY = 86_400;
export const SECONDS_PER_YEAR = 365 * SECONDS_PER_DAY;

const TAILS = rowFamilies.indexOf("tails");

/** How far prices go in each row, and what turns P&L into the numeraire there, shape [rows]. */
export interface Moves {
  readonly slide: Float64Array;
  /** Numeraire per unit of a linear P&L's USD. */
  readonly linearFactor: Float64Array;
  /** Numeraire per coin of an inverse P&L. */
  readonly coinFactor: Float64Array;
}

/** A grid with its moves. */
export interface Plane extends Moves {
  readonly grid: Grid;
  /** The same for legs that stop at the range's edge in a tail; null: none does. */
  readonly clamped: Moves | null;
  /** Weight of each row at the plane's range: what counts whole is divided by it. */
  readonly weight: Float64Array;
}

/** An option as the pricing loop reads it. */
export interface OptionLeg {
  readonly kind: "option";
  readonly inverse: boolean;
  readonly size: number;
  readonly call: boolean;
  readonly strike: number;
  /** The part of the forward that still moves, and the part that is fixed. */
  readonly forwardMoving: number;
  readonly forwardFixed: number;
  readonly vol: number;
  readonly rate: number;
  /** Lowest rate that discounts; null: none. */
  readonly rateFloor: number | null;
  readonly discounted: boolean;
  readonly seconds: number;
  /** Value now per unit of the underlying: settle currency, or coin when inverse. */
  readonly value0: number;
  /** USD per unit of the settle currency; 1 when inverse. */
  readonly currencyPrice: number;
}

/** Futures, perpetuals, spot and fx. */
export interface LinearLeg {
  readonly kind: "linear";
  readonly inverse: boolean;
  readonly size: number;
  readonly mark: number;
  /** Spot and fx follow a tail all the way even where futures stop at the edge. */
  readonly clamps: boolean;
  readonly currencyPrice: number;
}

export interface BondLeg {
  readonly kind: "bond";
  /** Of one contract, settle currency. */
  readonly value: number;
  readonly modifiedDuration: number;
  readonly convexity: number;
  readonly currencyPrice: number;
}

/** P&L by row as somebody else computed it, weights included, settle currency. */
export interface GivenLeg {
  readonly kind: "given";
  readonly byRow: Readonly<Record<string, number>>;
  readonly currencyPrice: number;
}

export type PricedLeg = OptionLeg | LinearLeg | BondLeg | GivenLeg;

/** Fills `out` (shape [plane.grid.count]) with the leg's P&L by row, in the numeraire. */
export function fillRiskArray(
  leg: PricedLeg,
  plane: Plane,
  terms: UnderlyingTerms,
  volScale: number,
  out: Float64Array,
): void {
  if (leg.kind === "option") fillOption(leg, plane, terms, volScale, out);
  else if (leg.kind === "linear") fillLinear(leg, plane, out);
  else if (leg.kind === "bond") fillBond(leg, plane, out);
  else fillGiven(leg, plane, out);
}

function fillOption(
  leg: OptionLeg,
  plane: Plane,
  terms: UnderlyingTerms,
  volScale: number,
  out: Float64Array,
): void {
  const { grid } = plane;
  const vols = shockVol(terms.vol, leg.vol, leg.seconds / SECONDS_PER_DAY, volScale);
  const factor = leg.inverse ? plane.coinFactor : plane.linearFactor;
  const scale = leg.size * leg.currencyPrice;
  for (let row = 0; row < grid.count; row++) {
    const vol = rowVol(leg, grid, row, vols, terms);
    const value = optionValueAt(leg, plane.slide[row]!, vol, grid.dtDays[row]!, grid.dr[row]!);
    out[row] = (value - leg.value0) * scale * factor[row]!;
  }
}

/** Value per unit of the underlying: settle currency, or coin when inverse. */
export function optionValueAt(
  leg: Omit<OptionLeg, "value0">,
  slide: number,
  vol: number,
  dtDays: number,
  dr: number,
): number {
  const forward = Math.max(0, leg.forwardMoving * (1 + slide) + leg.forwardFixed);
  const seconds = Math.max(0, leg.seconds - dtDays * SECONDS_PER_DAY);
  const years = seconds / SECONDS_PER_YEAR;
  const undiscounted = black(forward, leg.strike, vol * Math.sqrt(years), leg.call);
  if (leg.inverse) return undiscounted / forward;
  if (!leg.discounted) return undiscounted;
  const rate = leg.rate + dr;
  const floored = leg.rateFloor === null ? rate : Math.max(leg.rateFloor, rate);
  return exp(-floored * years) * undiscounted;
}

function rowVol(
  leg: OptionLeg,
  grid: Grid,
  row: number,
  vols: ShockedVols,
  terms: UnderlyingTerms,
): number {
  const skew = grid.skewCode[row]!;
  const moved = directedVol(grid, row, vols);
  const tilted = skew === skewCodes.none ? moved : moved * tilt(leg, skew, terms);
  return Math.max(0, tilted + grid.volPoints[row]!);
}

function directedVol(grid: Grid, row: number, vols: ShockedVols): number {
  switch (grid.volCode[row]!) {
    case volCodes.up:
      return vols.up;
    case volCodes.down:
      return vols.down;
    case volCodes.own:
      return Math.max(0, vols.flat * (1 + grid.volMove[row]!));
    default:
      return vols.flat;
  }
}

/**
 * Multiplier on the vol of a skew row: linear in log-moneyness k, capped on both wings.
 *
 *      m = 1 + min(cap, k cap / k*)  for k >= 0,   1 + max(-cap, k cap / k*)  for k < 0
 *      cap = base √T + cap0          k* = max(kStarMin, √T width (volStatic + √T volScale))
 */
function tilt(leg: OptionLeg, skew: number, { skew: terms }: UnderlyingTerms): number {
  const forward = leg.forwardMoving + leg.forwardFixed;
  if (terms === null || !(leg.strike > 0 && forward > 0)) return 1;
  const linear = skew === skewCodes.linear;
  const moneyness = log(leg.strike / forward);
  const k = linear ? moneyness : Math.abs(moneyness);
  const rootT = Math.sqrt(leg.seconds / SECONDS_PER_YEAR);
  const cap =
    (linear ? terms.linearBase : terms.absoluteBase) * rootT +
    (linear ? terms.linearCap : terms.absoluteCap);
  const width = rootT * terms.widthScale * (terms.volStatic + rootT * terms.volScale);
  const slope = (k * cap) / Math.max(terms.kStarMin, width);
  return Math.max(0, k >= 0 ? 1 + Math.min(cap, slope) : 1 + Math.max(-cap, slope));
}

/** A leg that stops at the range's edge counts whole there, whatever the tail weighs. */
function fillLinear(leg: LinearLeg, plane: Plane, out: Float64Array): void {
  const edge = leg.clamps ? plane.clamped : null;
  for (let row = 0; row < out.length; row++) {
    const atEdge = edge !== null && plane.grid.family[row] === TAILS;
    out[row] = atEdge ? whole(linearPnl(leg, edge, row), plane, row) : linearPnl(leg, plane, row);
  }
}

function linearPnl(leg: LinearLeg, { slide, linearFactor, coinFactor }: Moves, row: number) {
  const move = slide[row]!;
  if (leg.inverse) {
    return leg.size * (1 / leg.mark - 1 / (leg.mark * (1 + move))) * coinFactor[row]!;
  }
  return leg.size * leg.mark * move * leg.currencyPrice * linearFactor[row]!;
}

/** Lifts the weight that the row will be multiplied by. */
function whole(pnl: number, { weight }: Plane, row: number): number {
  return weight[row]! > 0 ? pnl / weight[row]! : 0;
}

function fillBond(leg: BondLeg, plane: Plane, out: Float64Array): void {
  const { grid } = plane;
  for (let row = 0; row < grid.count; row++) {
    const dr = grid.dr[row]!;
    const relative = -leg.modifiedDuration * dr + (leg.convexity * dr * dr) / 2;
    out[row] = leg.value * relative * leg.currencyPrice * plane.linearFactor[row]!;
  }
}

/** Arrays of a clearing house hold what counts: their extreme rows are weighted already. */
function fillGiven(leg: GivenLeg, plane: Plane, out: Float64Array): void {
  for (let row = 0; row < plane.grid.count; row++) {
    const pnl = (leg.byRow[String(row)] ?? 0) * leg.currencyPrice * plane.linearFactor[row]!;
    out[row] = whole(pnl, plane, row);
  }
}
