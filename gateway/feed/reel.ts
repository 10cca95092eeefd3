/**
 * Rows of a price file as events: the part of a replay that runs while it goes.
 *
 *      row ─► expand (O, L, H, C) ─► index, proxy ─► chain.moveTo ─► batchOf: one batch a point
 *
 * A bar without volume and a bar that is missing give a heartbeat and no mark: estimators must not
 * take silence for calm. The surface follows the realised vol of closes that have been played.
 */
import { batchOf, heartbeat } from "./batch.ts";
import { Chain } from "./chain.ts";
import { expand } from "./expand.ts";
import type { FeedEvent } from "./feed.ts";
import { surfaceAt } from "./level.ts";
import { loading } from "./market.ts";
import type { PriceRow } from "./price-row.ts";
import { type Anchor, followed } from "./proxy.ts";
import { forwardsOf, indexOf, type Scene, type Scenes, tidy } from "./quotes.ts";
import type { Resume } from "./resume.ts";
import { rolled } from "./roll.ts";
import type { ChainSettings, ProxySettings, ReplaySettings, SurfaceSettings } from "./settings.ts";
import type { Survey } from "./survey.ts";
import { follow, forkTrack, type Track } from "./track.ts";

export interface ReelTerms {
  /** What the file's prices are of. */
  readonly underlying: string;
  /** The follower, when the underlying has one. */
  readonly proxy: ProxySettings | undefined;
  readonly replay: ReplaySettings;
  readonly chain: ChainSettings;
  readonly surface: SurfaceSettings;
}

/** Heartbeats in one gap of the file; a longer one beats more slowly. */
export const GAP_BEATS_MAX = 10_000;

/** A run of events by market time: nothing up to `afterMs` is told. */
export class Reel {
  readonly chain: Chain;
  readonly #terms: ReelTerms;
  readonly #barMs: number;
  readonly #anchor: Anchor;
  readonly #track: Track;
  readonly #afterMs: number;
  scenes: Scenes;

  /**
   * At the first row of the survey, with the chain laid around its open; or with the chain of
   * `resume`, and rows up to there pass in silence.
   */
  constructor({ start, track, barMs }: Survey, terms: ReelTerms, resume?: Resume) {
    this.#terms = terms;
    this.#barMs = barMs;
    this.#track = forkTrack(track);
    this.#anchor = anchorOf(start, track);
    const ids = [terms.underlying, ...(terms.proxy === undefined ? [] : [terms.proxy.id])];
    this.chain = new Chain(terms.chain, ids, resume?.instruments);
    this.scenes = this.#scenesAt(start.open, track.noise, track.realised.rate);
    this.#afterMs = resume?.at ?? Number.NEGATIVE_INFINITY;
    // What a resumed chain lacks is listed by an event: the state does not know it yet.
    if (resume !== undefined) return;
    this.chain.moveTo(start.openMs, forwardsOf(this.scenes, start.openMs));
  }

  /** @param nextMs opening of the row after it: no mark of this bar comes later */
  *bar(row: PriceRow, nextMs: number): Generator<FeedEvent> {
    const before = this.#track.realised.rate;
    const noises = follow(this.#track, row, this.#terms.replay);
    if (row.volume === 0) {
      yield* this.#beat(row.openMs);
      return;
    }
    const points = expand(row, Math.min(this.#barMs, nextMs - row.openMs));
    for (const [i, { at, price }] of points.entries()) {
      // Of what is past only the last point matters: an expiry may settle at it.
      if ((points[i + 1]?.at ?? Infinity) <= this.#afterMs) continue;
      const last = indexOf(this.scenes);
      // The bar's own variance is known with its close.
      const rate = i === 3 ? this.#track.realised.rate : before;
      this.scenes = this.#scenesAt(price, noises[i]!, rate);
      if (at <= this.#afterMs) continue;
      const change = this.chain.moveTo(at, forwardsOf(this.scenes, at));
      yield* rolled(change, at, last, this.#afterMs);
      yield batchOf(this.scenes, at, this.chain);
    }
  }

  /** Heartbeats at the bars that are missing from `fromMs` up to `untilMs`. */
  *gap(fromMs: number, untilMs: number): Generator<FeedEvent> {
    const step = Math.max(this.#barMs, Math.ceil((untilMs - fromMs) / GAP_BEATS_MAX));
    for (let at = fromMs; at < untilMs; at += step) yield* this.#beat(at);
  }

  *#beat(at: number): Generator<FeedEvent> {
    if (at <= this.#afterMs) return;
    const change = this.chain.moveTo(at, forwardsOf(this.scenes, at));
    yield* rolled(change, at, indexOf(this.scenes), this.#afterMs);
    yield heartbeat(at);
  }

  #scenesAt(price: number, noise: number, rate: number): Scenes {
    const { underlying, proxy } = this.#terms;
    const scenes = new Map([[underlying, this.#scene(price, rate, 1)]]);
    if (proxy !== undefined) {
      const index = tidy(followed(price, noise, this.#anchor, proxy));
      scenes.set(proxy.id, this.#scene(index, rate, loading(proxy)));
    }
    return scenes;
  }

  /** @param size of its returns in units of the file's */
  #scene(index: number, rate: number, size: number): Scene {
    const { replay, surface } = this.#terms;
    const vol = Math.sqrt(rate) * replay.impliedPremium * size;
    return {
      index,
      premium: replay.premium,
      funding: replay.fundingRate,
      carry: replay.carry,
      surface: surfaceAt(vol, size, surface),
    };
  }
}

/** Where the proxy's line passes through its declared ratio. */
export function anchorOf(start: PriceRow, track: Track): Anchor {
  return { leader: start.open, noise: track.noise };
}
