/**
 * A tuning desk over a running flow: weeks of two-hour bars behind it, accounts open, and
 * market time that passes when the test says so.
 */
import { syntheticBars } from "../../../regime/study/synthetic.test-kit.ts";
import { systemClock } from "../../clock.ts";
import { isMarked } from "../../demo/accounts.ts";
import type { FileBar } from "../../feed/feed.ts";
import type { SimFeed } from "../../feed/sim.ts";
import { eventsOf, flowOver, openDemo, type Recorded, smallSim } from "../../flow.test-kit.ts";
import type { Folder } from "../../journal/folder.ts";
import { openRecord } from "../../record.ts";
import { type BacktestInput, backtest, noBacktest } from "./backtest.ts";
import { type Asking, type DeskOptions, openTuneDesk, type TuneDesk } from "./desk.ts";

export const HOUR_MS = 3_600_000;
const BAR_MS = 2 * HOUR_MS;
/** The market opens so long before its first expiry. */
const SIM_SECONDS = 6 * 3_600;

/** Backtests in this thread. */
export const backtestsHere = async (input: BacktestInput) => backtest(input);

export interface Tuning extends Recorded {
  readonly desk: TuneDesk;
  /** Files of approved previews by name; a restart leaves them. */
  readonly files: Map<string, Uint8Array>;
  /** Another desk over the same flow and files, as after a restart. */
  again(): TuneDesk;
  /** Wall time of the desk's clock, ms: what the test sets. */
  wallMs: number;
  /** Lets market time pass without marks. */
  pass(ms: number): void;
  asking(principal: string, changes?: Partial<Asking>): Asking;
  /** Previewed and approved by `quant-b`. */
  approved(proposal: { readonly id: string }): Promise<number>;
}

/** @param days of history; a study takes more than the 40 that a regime does */
export async function openTuning(options: Partial<DeskOptions> = {}, days = 40): Promise<Tuning> {
  const feed = smallSim(SIM_SECONDS);
  const recorded = flowOver(feed, { barMs: BAR_MS });
  const { flow } = recorded;
  const record = openRecord();
  flow.onTurn(() => record.follow(flow.regimes));
  await flow.warm(history(feed, 12 * days), record.warmed);
  for (const event of eventsOf(feed, 40)) {
    flow.accept(event);
    if (isMarked(flow.engine.state)) break;
  }
  openDemo(flow);
  const { soon, after } = systemClock;
  const wall = { wallMs: 1_800_000_000_000 };
  const clock = { now: () => wall.wallMs, soon, after };
  const backtests = async ({ bars }: BacktestInput) => noBacktest(bars, "none in this test");
  const files = new Map<string, Uint8Array>();
  const folder = folderOver(files);
  const again = () => openTuneDesk({ flow, record, clock, backtests, folder, ...options });
  const desk = again();
  const tuning: Tuning = Object.assign(wall, {
    ...{ ...recorded, desk, files, again },
    pass(ms: number) {
      flow.idle(flow.engine.state.at + ms);
    },
    asking: (principal: string, changes: Partial<Asking> = {}) => ({
      ...{ principal, underlying: "BTC", reason: "a test" },
      expectedVersion: desk.version(changes.underlying ?? "BTC"),
      ...changes,
    }),
    async approved({ id }: { readonly id: string }) {
      const { hash } = await desk.preview(id, "quant-b");
      return (await desk.approve(id, { principal: "quant-b", hash })).version;
    },
  });
  return tuning;
}

/** A folder in memory. */
export function folderOver(files: Map<string, Uint8Array>): Folder {
  return {
    list: () => [...files.keys()],
    read: (name) => files.get(name)!,
    write: (name, bytes) => void files.set(name, bytes),
    remove: (name) => void files.delete(name),
  };
}

/** Bars of every underlying up to the market's start, on its price level. */
async function* history(feed: SimFeed, count: number): AsyncGenerator<FileBar> {
  const fromMs = Math.floor(feed.startMs / BAR_MS) * BAR_MS - count * BAR_MS;
  let seed = 70;
  for (const [underlying, index] of feed.startIndex) {
    seed += 1;
    const dailyVol = () => 0.03;
    const bars = syntheticBars({
      seed,
      bars: count,
      barMs: BAR_MS,
      steps: 4,
      df: 4,
      dailyVol,
    });
    const scale = index / bars.at(-1)!.close;
    for (const [i, bar] of bars.entries()) {
      const { open, high, low, close } = bar;
      const prices = { open: open * scale, high: high * scale, low: low * scale };
      yield { ...prices, close: close * scale, underlying, openMs: fromMs + i * BAR_MS, volume: 1 };
    }
  }
}
