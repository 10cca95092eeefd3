/**
 * A price file played as a market: its bars become index marks, and the chain is marked off them.
 *
 * The file is read at least twice: once before anything starts, so that a bad row is an error then
 * and not a stop halfway, and once as the replay goes. History is one trusted source.
 */
import { listingOf } from "./contracts.ts";
import { folded } from "./expand.ts";
import type { Feed, FeedEvent, FileBar } from "./feed.ts";
import { momentOf } from "./moment.ts";
import { readPrices } from "./price-file.ts";
import type { PriceRow } from "./price-row.ts";
import { followed } from "./proxy.ts";
import { indexOf, tidy } from "./quotes.ts";
import { anchorOf, Reel, type ReelTerms } from "./reel.ts";
import { checkResume, type Resume, resumedIndex } from "./resume.ts";
import {
  type ChainSettings,
  chainSettings,
  type ReplaySettings,
  replaySettings,
  type SurfaceSettings,
  surfaceSettings,
} from "./settings.ts";
import { type Span, type Survey, survey } from "./survey.ts";
import { follow, openTrack } from "./track.ts";

export interface ReplayOptions {
  /** CSV, plain or gzip; columns as in price-row.ts. */
  readonly file: string;
  /** First opening that is replayed, a day or a moment; rows before it warm the regime. */
  readonly from?: string;
  /** Openings at or after this moment are not replayed. */
  readonly to?: string;
  /** What the file's prices are of; the settings' own when absent. */
  readonly underlying?: string;
  readonly settings?: ReplaySettings;
  readonly chain?: ChainSettings;
  readonly surface?: SurfaceSettings;
  /** Goes on after that time instead of beginning; nothing warms it then. */
  readonly resume?: Resume;
}

/**
 * Reads and checks the whole file; nothing is played yet.
 *
 * @throws RiskError unreadable_file, malformed_file with a line, out_of_bounds for from and to
 */
export async function openReplay(options: ReplayOptions): Promise<Feed> {
  const { file, settings = replaySettings, chain = chainSettings } = options;
  const { underlying = settings.underlying, surface = surfaceSettings } = options;
  const span: Span = {
    fromMs: options.from === undefined ? -Infinity : momentOf(options.from, "from"),
    toMs: options.to === undefined ? Infinity : momentOf(options.to, "to"),
  };
  const proxy = underlying === settings.proxy.of ? settings.proxy : undefined;
  const terms: ReelTerms = { underlying, proxy, replay: settings, chain, surface };
  const { resume } = options;
  if (resume !== undefined) checkResume(resume);
  const found = await survey(file, span, settings);
  const { chain: laid, scenes } = new Reel(found, terms, resume);
  const instruments = [...laid.deltaOne, ...laid.options];
  return {
    name: "replay",
    sources: [{ name: "replay" }],
    trusted: true,
    barMs: found.barMs,
    startMs: resume?.at ?? found.start.openMs,
    startIndex: resume === undefined ? indexOf(scenes) : resumedIndex(indexOf(scenes), resume),
    listing: listingOf([...scenes.keys()], instruments, chain),
    warm: () => (resume === undefined ? warm(file, found, terms) : nothing()),
    events: () => events(file, found, new Reel(found, terms, resume), span.toMs),
  };
}

async function* nothing(): AsyncGenerator<FileBar> {}

async function* warm(file: string, found: Survey, terms: ReelTerms): AsyncGenerator<FileBar> {
  const track = openTrack(terms.replay);
  const anchor = anchorOf(found.start, found.track);
  const { underlying, proxy } = terms;
  for await (const block of readPrices(file))
    for (const row of block) {
      if (row.openMs >= found.start.openMs) return;
      const noises = follow(track, row, terms.replay);
      const prices = [row.open, row.low, row.high, row.close];
      yield folded(underlying, row, prices);
      if (proxy === undefined) continue;
      const followers = prices.map((x, i) => tidy(followed(x, noises[i]!, anchor, proxy)));
      yield folded(proxy.id, row, followers);
    }
}

async function* events(
  file: string,
  found: Survey,
  reel: Reel,
  toMs: number,
): AsyncGenerator<FeedEvent> {
  let held: PriceRow | undefined;
  // A row is played when the next is known, for a bar ends where the next begins.
  for await (const block of readPrices(file))
    for (const row of block) {
      if (row.openMs < found.start.openMs) continue;
      if (held !== undefined) {
        yield* reel.bar(held, row.openMs);
        if (row.openMs >= toMs) return;
        yield* reel.gap(held.openMs + found.barMs, row.openMs);
      }
      held = row;
    }
  if (held !== undefined) yield* reel.bar(held, Infinity);
}
