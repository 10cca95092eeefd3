/**
 * What a record held before a restart, made again beside the running gateway.
 *
 *      bars before the market's start ─► regimes that know nothing ─► rows
 *                                              └─► the warmings that they give ═ those of the list?
 *
 * The list keeps what history made of a regime, not the bars. A feed that is opened alike has them
 * still: when they give the very warming that stands in the list, they are what the regime folded;
 * otherwise they are some other market's, and the record begins with the Turns.
 */
import { canonicalJson } from "../core/canonical.ts";
import { PAIRS, type RegimeWarmCommand } from "../core/engine/command.ts";
import { parseJson } from "../core/parse-json.ts";
import type { Terms } from "../core/terms.ts";
import type { Clock } from "./clock.ts";
import type { Feed, FileBar } from "./feed/feed.ts";
import { guardOf } from "./feed/guard/of-feed.ts";
import { warmings } from "./flow-regimes.ts";
import type { OrderedList } from "./journal/list.ts";
import { openRecord, type RegimeRecord } from "./record.ts";
import { COMMAND_DEPTH_MAX } from "./refold.ts";

/** Warmings stand among the first commands of a list, behind terms and listing. */
export const WARMINGS_WITHIN = 1_024;
/** Bars folded before marks have their turn: four milliseconds. */
const BARS_AT_ONCE = 250;

export interface HistoryOptions {
  /** The market from its own start, whose bars warm it. */
  readonly feed: Feed;
  readonly terms: Terms;
  /** The account chain. */
  readonly account: Pick<OrderedList, "read">;
  readonly clock: Pick<Clock, "soon">;
  /** Ends it early: nothing is recorded then. */
  readonly stopped: () => boolean;
}

/**
 * Records the bars that had warmed the regimes.
 *
 * @returns the underlyings whose history it was
 */
export async function recordHistory(
  record: RegimeRecord,
  { feed, terms, account, clock, stopped }: HistoryOptions,
): Promise<readonly string[]> {
  const written = await writtenWarmings(account);
  const { listing, barMs } = feed;
  const again = openRecord();
  const bars = paused(feed.warm(), clock, stopped);
  const options = { listing, barMs, terms, guard: guardOf(feed) };
  const found = await warmings(options, bars, {}, again.warmed);
  const same = found.filter((one) => canonicalJson(one) === written.get(one.underlying));
  const underlyings = same.map(({ underlying }) => underlying);
  record.join(new Map([...again.columns()].filter(([id]) => underlyings.includes(id))));
  return underlyings;
}

/** The first warming of each underlying, as it is written. */
async function writtenWarmings(account: HistoryOptions["account"]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const { seq, bytes } of account.read(1)) {
    if (seq > WARMINGS_WITHIN) break;
    const text = Buffer.from(bytes).toString("utf8");
    const command = parseJson(text, { depthMax: COMMAND_DEPTH_MAX });
    const { kind, what, underlying } = command as Partial<RegimeWarmCommand>;
    const isWarming = kind === "Regime" && what === "warm" && underlying !== undefined;
    if (isWarming && underlying !== PAIRS && !found.has(underlying)) found.set(underlying, text);
  }
  return found;
}

async function* paused(
  bars: AsyncIterable<FileBar>,
  clock: HistoryOptions["clock"],
  stopped: () => boolean,
): AsyncGenerator<FileBar> {
  let count = 0;
  for await (const bar of bars) {
    yield bar;
    count += 1;
    if (count % BARS_AT_ONCE !== 0) continue;
    await new Promise<void>((done) => clock.soon(done));
    if (stopped()) return;
  }
}
