/**
 * Marks of a chain, off the state of its underlyings: one curve of forwards, one smile an expiry.
 *
 *      forward    index e^(c T),  c = long + (near - long) e^(-T / scale)
 *      perpetual  index (1 + premium), with the funding rate
 *      option     {vol of the smile at ln(strike / forward), that forward}
 *
 * A future and the options of its expiry share the forward, so a box of options against the future
 * is worth nothing but its discount.
 */
import { RiskError } from "../../core/errors.ts";
import type { Instrument } from "../../core/instrument.ts";
import type { Mark } from "../../core/mark.ts";
import { exp } from "../../core/math/exp.ts";
import { log } from "../../core/math/log.ts";
import { type Smile, type Surface, smileAt, smileVol } from "../../core/pricing/surface.ts";
import type { ForwardOf } from "./chain.ts";
import { YEAR_MS } from "./settings.ts";

/** Basis a year at the near end and far away, and how fast one turns into the other. */
export interface Carry {
  readonly near: number;
  readonly long: number;
  readonly scaleYears: number;
}

/** The state of one underlying at one moment. */
export interface Scene {
  readonly index: number;
  /** Of perpetuals over the index, fraction. */
  readonly premium: number;
  /** Rate of the funding interval. */
  readonly funding: number;
  readonly carry: Carry;
  readonly surface: Surface;
}

export type Scenes = ReadonlyMap<string, Scene>;

/** Forwards as the scenes stand at `at`. */
export function forwardsOf(scenes: Scenes, at: number): ForwardOf {
  return (underlying, expiryMs) => forward(scene(scenes, underlying), yearsTo(expiryMs, at));
}

/** Index of each underlying. */
export function indexOf(scenes: Scenes): ReadonlyMap<string, number> {
  return new Map([...scenes].map(([id, { index }]) => [id, index]));
}

/** Marks of `instruments` at `at`, in their order. Prices carry 8 digits, vols 6 decimals. */
export function quote(scenes: Scenes, at: number, instruments: readonly Instrument[]): Mark[] {
  const smiles = new Map<string, { readonly forward: number; readonly smile: Smile }>();
  const smileOf = (underlying: string, expiryMs: number) => {
    const key = `${underlying}:${expiryMs}`;
    const known = smiles.get(key);
    if (known !== undefined) return known;
    const here = scene(scenes, underlying);
    const years = yearsTo(expiryMs, at);
    const made = { forward: tidy(forward(here, years)), smile: smileAt(here.surface, years) };
    smiles.set(key, made);
    return made;
  };
  return instruments.map(({ id, kind, underlying, expiryMs = at, strike }): Mark => {
    if (kind === "option" && strike !== undefined) {
      const of = smileOf(underlying, expiryMs);
      const vol = smileVol(of.smile, log(strike / of.forward));
      return { id, value: decimals(vol, 1e6), extra: of.forward };
    }
    const here = scene(scenes, underlying);
    if (kind === "perpetual")
      return { id, value: tidy(here.index * (1 + here.premium)), extra: here.funding };
    return { id, value: tidy(forward(here, yearsTo(expiryMs, at))), extra: 0 };
  });
}

/** `x` > 0 to 8 significant digits, as a venue's tick would have it. */
export function tidy(x: number): number {
  let scale = 1;
  while (x * scale < 1e7 && scale < 1e15) scale *= 10;
  return decimals(x, scale);
}

/** `x` to the nearest multiple of 1 / scale. */
export function decimals(x: number, scale: number): number {
  return Math.round(x * scale) / scale;
}

function forward({ index, carry }: Scene, years: number): number {
  const { near, long, scaleYears } = carry;
  return index * exp((long + (near - long) * exp(-years / scaleYears)) * years);
}

function yearsTo(expiryMs: number, at: number): number {
  return Math.max(0, expiryMs - at) / YEAR_MS;
}

function scene(scenes: Scenes, underlying: string): Scene {
  const found = scenes.get(underlying);
  if (found === undefined)
    throw new RiskError("invariant_broken", { path: `scenes.${underlying}` });
  return found;
}
