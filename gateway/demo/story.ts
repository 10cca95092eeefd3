/**
 * A recorded market told as a story: the replay folded without waiting, and what it did to margins.
 *
 * The README's figures come from here, and so does the test that they are still true. One event is
 * one Turn or more, whatever the machine's speed, so the same file always tells the same story.
 */
import { loadTerms, termsHash } from "../../config/terms.ts";
import type { Engine } from "../../core/engine/engine.ts";
import type { Status } from "../../core/margin/status.ts";
import type { Feed } from "../feed/feed.ts";
import { openFlow } from "../flow.ts";
import { memoryList } from "../journal/list.ts";
import { demoCommands, isMarked } from "./accounts.ts";

/** The figures of one moment. */
export interface StoryPoint {
  readonly at: number;
  readonly index: number;
  readonly range: { readonly initial: number; readonly maintenance: number };
  readonly account: {
    readonly equity: number;
    readonly initialMargin: number;
    readonly maintenanceMargin: number;
    readonly status: Status;
  };
}

export interface Story {
  /** The first moment of each market day. */
  readonly days: readonly StoryPoint[];
  /** Moments at which the account's status changed. */
  readonly changes: readonly StoryPoint[];
  /** Published initial ranges in the order in which they held. */
  readonly ranges: readonly { readonly at: number; readonly initial: number }[];
  readonly turns: number;
}

const DAY_MS = 86_400_000;

/** Folds all of `feed` under the default terms and follows one account on one underlying. */
export async function tellStory(feed: Feed, account: string, underlying: string): Promise<Story> {
  const terms = loadTerms("slidewire");
  const flow = openFlow({
    listing: feed.listing,
    barMs: feed.barMs,
    terms,
    termsHash: termsHash(terms),
    lineage: "0".repeat(32),
    list: memoryList(),
    startMs: feed.startMs,
  });
  await flow.warm(feed.warm());
  const { engine } = flow;
  const story = { days: [], changes: [], ranges: [] } as {
    days: StoryPoint[];
    changes: StoryPoint[];
    ranges: { at: number; initial: number }[];
  };
  let opened = false;
  for await (const event of feed.events()) {
    flow.accept(event);
    if (!opened && isMarked(engine.state)) {
      opened = true;
      for (const command of demoCommands(engine.state)) flow.submit(command);
      flow.drain();
    }
    const point = pointOf(engine, account, underlying);
    if (point !== undefined) note(story, point);
  }
  return { ...story, turns: engine.state.seq };
}

function pointOf(engine: Engine, account: string, underlying: string): StoryPoint | undefined {
  const { market, at } = engine.state;
  const margin = engine.margin(account)?.margin;
  const range = market.ranges.get(underlying)?.slideRange;
  if (margin === undefined || range === undefined) return undefined;
  return {
    at,
    index: market.underlyings.get(underlying)!.index,
    range,
    account: {
      equity: margin.equity.maintenance,
      initialMargin: margin.requirement.initial,
      maintenanceMargin: margin.requirement.maintenance,
      status: margin.status,
    },
  };
}

function note(
  story: {
    days: StoryPoint[];
    changes: StoryPoint[];
    ranges: { at: number; initial: number }[];
  },
  point: StoryPoint,
): void {
  const day = (at: number) => Math.floor(at / DAY_MS);
  const lastDay = story.days.at(-1);
  if (lastDay === undefined || day(lastDay.at) !== day(point.at)) story.days.push(point);
  if (story.changes.at(-1)?.account.status !== point.account.status) story.changes.push(point);
  const { initial } = point.range;
  if (story.ranges.at(-1)?.initial !== initial) story.ranges.push({ at: point.at, initial });
}
