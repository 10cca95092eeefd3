/**
 * Synthetic markets: bars whose law is known, to measure estimators against the truth.
 *
 * The chance in them is a seeded sequence, so every market can be made again, bit for bit.
 */
import { exp } from "../../core/math/exp.ts";
import { log } from "../../core/math/log.ts";
import type { Bar } from "../bar.ts";

/** Uniform deviates in (0, 1) from a 32-bit seed (a Weyl sequence through a mixer). */
export function uniforms(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = multiply(state ^ (state >>> 16), 0x21f0aaad);
    z = multiply(z ^ (z >>> 15), 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) / 4_294_967_296 + 1 / 8_589_934_592;
  };
}

/** The low 32 bits of a product of 32-bit numbers, in halves so that float64 holds each part. */
function multiply(a: number, b: number): number {
  const high = (((a >>> 16) * b) & 0xffff) << 16;
  return (high + (a & 0xffff) * b) | 0;
}

/** Standard normal deviates by Marsaglia's polar method (1964). */
export function normals(seed: number): () => number {
  const uniform = uniforms(seed);
  return () => {
    for (;;) {
      const u = 2 * uniform() - 1;
      const v = 2 * uniform() - 1;
      const s = u * u + v * v;
      if (s > 0 && s < 1) return u * Math.sqrt((-2 * log(s)) / s);
    }
  };
}

/** Student-t deviates of `df` degrees of freedom, scaled to variance 1; `df` at least 3. */
export function students(seed: number, df: number): () => number {
  const normal = normals(seed);
  return () => {
    const z = normal();
    let sum = 0;
    for (let i = 0; i < df; i++) {
      const x = normal();
      sum += x * x;
    }
    return z * Math.sqrt((df - 2) / sum);
  };
}

export interface SyntheticTerms {
  readonly seed: number;
  readonly bars: number;
  readonly barMs: number;
  /** Vol of a market day at a moment of the market, fraction. */
  readonly dailyVol: (atMs: number) => number;
  /** Steps inside a bar, at least 1; each step's return is one deviate. */
  readonly steps: number;
  /** Degrees of freedom of a step's return; undefined: normal. */
  readonly df?: number;
}

const DAY_MS = 86_400_000;

/** Bars of a driftless continuous market that starts at time 0 and at price 1. */
export function syntheticBars(terms: SyntheticTerms): Bar[] {
  const { seed, barMs, steps, df } = terms;
  const deviate = df === undefined ? normals(seed) : students(seed, df);
  const perStep = Math.sqrt(barMs / steps / DAY_MS);
  const bars: Bar[] = [];
  let x = 0;
  for (let i = 0; i < terms.bars; i++) {
    const openMs = i * barMs;
    const open = x;
    let high = x;
    let low = x;
    for (let k = 0; k < steps; k++) {
      x += terms.dailyVol(openMs) * perStep * deviate();
      high = Math.max(high, x);
      low = Math.min(low, x);
    }
    bars.push({ openMs, open: exp(open), high: exp(high), low: exp(low), close: exp(x) });
  }
  return bars;
}

/** Joins every `count` bars into one: the same market on a slower clock. */
export function joinedBars(bars: readonly Bar[], count: number): Bar[] {
  const joined: Bar[] = [];
  for (let i = 0; i + count <= bars.length; i += count) {
    const part = bars.slice(i, i + count);
    joined.push({
      openMs: part[0]!.openMs,
      open: part[0]!.open,
      high: part.reduce((most, { high }) => Math.max(most, high), 0),
      low: part.reduce((least, { low }) => Math.min(least, low), part[0]!.low),
      close: part.at(-1)!.close,
    });
  }
  return joined;
}
