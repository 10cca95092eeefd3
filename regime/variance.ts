/**
 * Variance of a block, and its average at two speeds.
 *
 *      x  = g² / (missed + 1) + max(RS, (ln C/O)² / 4)        g = ln(O / previous C)
 *      RS = ln(H/O) ln(H/C) + ln(L/O) ln(L/C)
 *
 * Rogers and Satchell's estimator is free of drift but exactly 0 for a bar that only falls, which
 * is what a crash looks like; hence the second term. A file of closes has O = H = L = C, so x =
 * g².
 *
 * x counts up to `winsor` times the larger speed, so one bad print cannot set the scale for days.
 * Clipping that lasts for `escapeBlocks` was no bad print: then the raw value is taken, or a flat
 * start would hold the scale down for ever.
 *
 *      v' = keep(e) v + (1 - keep(whole block)) x             e: bars passed of the block
 *
 * While a block lasts, v' is a preview that its next bar replaces; with its last bar it becomes v.
 */
import { log } from "../core/math/log.ts";
import { type Block, blockEnds } from "./block.ts";
import type { Pace } from "./pace.ts";

export interface Variance {
  /** Per block, at the end of the newest block. */
  fast: number;
  slow: number;
  /** Per block, with the open block so far. */
  fastNow: number;
  slowNow: number;
  /** Winsorised variance of the newest block, or of the open one so far. */
  newest: number;
  /** Close of the last block that had one; 0 before the first. */
  previousClose: number;
  /** Blocks without marks since. */
  missed: number;
  /** Blocks on end that were over the limit. */
  overBlocks: number;
}

export function startVariance({ priorVariance }: Pace): Variance {
  return {
    fast: priorVariance,
    slow: priorVariance,
    fastNow: priorVariance,
    slowNow: priorVariance,
    newest: priorVariance,
    previousClose: 0,
    missed: 0,
    overBlocks: 0,
  };
}

/** The block has one bar more. */
export function foldVariance(v: Variance, pace: Pace, winsor: number, block: Block): void {
  if (block.fresh > 0) preview(v, pace, winsor, block);
  if (blockEnds(block, pace)) endBlock(v, winsor, block);
}

function preview(v: Variance, pace: Pace, winsor: number, block: Block): void {
  const { fastKeep, slowKeep, blockBars } = pace;
  const raw = Math.max(blockVariance(v, block), (pace.floorVariance * block.bars) / blockBars);
  const clipped = raw > limitOf(v, winsor) && v.overBlocks + 1 < pace.escapeBlocks;
  const x = clipped ? limitOf(v, winsor) : raw;
  v.newest = x;
  v.fastNow = fastKeep[block.bars]! * v.fast + (1 - fastKeep[blockBars]!) * x;
  v.slowNow = slowKeep[block.bars]! * v.slow + (1 - slowKeep[blockBars]!) * x;
}

/** A block without marks leaves the estimators as they stand; the gap grows. */
function endBlock(v: Variance, winsor: number, block: Block): void {
  if (block.fresh === 0) {
    v.missed += 1;
    v.overBlocks = 0;
    return;
  }
  v.overBlocks = blockVariance(v, block) > limitOf(v, winsor) ? v.overBlocks + 1 : 0;
  v.fast = v.fastNow;
  v.slow = v.slowNow;
  v.previousClose = block.close;
  v.missed = 0;
}

const limitOf = ({ fast, slow }: Variance, winsor: number): number => winsor * Math.max(fast, slow);

function blockVariance({ previousClose, missed }: Variance, block: Block): number {
  const { open, high, low, close } = block;
  const body = log(close / open);
  const inside = log(high / open) * log(high / close) + log(low / open) * log(low / close);
  const gap = previousClose > 0 ? log(open / previousClose) : 0;
  return (gap * gap) / (missed + 1) + Math.max(inside, 0.25 * body * body);
}
