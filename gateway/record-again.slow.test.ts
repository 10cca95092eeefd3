/** Tests of the record after a restart: nothing of it is lost, and nothing else is taken for it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { regimeTerms } from "../config/regime.ts";
import { loadTerms, termsHash } from "../config/terms.ts";
import {
  type Bar,
  createRegime,
  emptySeries,
  foldBar,
  noteClose,
  parsePrices,
  seriesHeader,
  seriesLine,
} from "../regime/index.ts";
import { systemClock } from "./clock.ts";
import type { Feed } from "./feed/feed.ts";
import { openSim } from "./feed/sim.ts";
import { eventsOf, smallSim } from "./flow.test-kit.ts";
import { type Started, startGateway } from "./gateway.test-kit.ts";
import { type Gateway, openGateway } from "./gateway.ts";
import type { Folder } from "./journal/folder.ts";
import { journalOver } from "./journal/journal-over.ts";
import { type MemoryStore, memoryStore } from "./journal/memory-store.test-kit.ts";
import { openSnapshots } from "./journal/snapshots.ts";
import { recheck } from "./recheck.ts";
import { openRecord, type RecordFile, type RegimeRecord, recordFiles } from "./record.ts";
import { recordHistory } from "./record-again.ts";

const terms = loadTerms("slidewire");
const feed = smallSim(600);
/** Long enough for the second bar to close, and the first of the restart. */
const events = eventsOf(feed, 900);
/** Where a run ends: in the middle of a bar. */
const CUT = 450;

interface Disk {
  readonly store: MemoryStore;
  readonly files: Map<string, Uint8Array>;
}

const newDisk = (): Disk => ({ store: memoryStore(), files: new Map() });

const snapshotsOf = ({ files }: Disk) =>
  openSnapshots({
    list: () => [...files.keys()],
    read: (name) => files.get(name)!,
    write: (name, bytes) => void files.set(name, bytes),
    remove: (name) => void files.delete(name),
  } satisfies Folder);

const journalOf = ({ store }: Disk) => journalOver(store, { clock: systemClock });

const start = (disk: Disk): Promise<Gateway> =>
  openGateway({
    ...{ journal: journalOf(disk), snapshots: snapshotsOf(disk) },
    ...{ terms, termsHash: termsHash(terms), clock: systemClock },
    feed: () => feed,
    onFault: (error) => {
      throw error;
    },
  });

async function play({ flow }: Gateway, from: number, to: number): Promise<void> {
  for (const [i, event] of events.slice(from, to).entries()) {
    flow.accept(event);
    if (i % 50 === 49) await new Promise((resolve) => setImmediate(resolve));
  }
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Both files of an underlying, line by line. */
const filesOf = (record: RegimeRecord, underlying = "BTC") =>
  recordFiles.map((file: RecordFile) => [...record.csv(underlying, file)!]);

/** What the background does after a restart. */
async function remember(disk: Disk, record: RegimeRecord, market: Feed) {
  const { lineage, account, turns } = journalOf(disk);
  const again = openRecord();
  const options = { terms, termsHash: termsHash(terms), snapshots: snapshotsOf(disk) };
  const chains = { lineage, account, turns };
  await recheck({ ...options, chains, onFolded: again.follow });
  record.join(again.columns());
  const stopped = () => false;
  return recordHistory(record, { feed: market, terms, account, clock: systemClock, stopped });
}

describe("the record after a restart", () => {
  it.each([
    ["killed, every Turn folded again", false],
    ["stopped, with a snapshot in the middle of a bar", true],
  ])("of a gateway that was %s is that of one that was not", async (_, isStopped) => {
    const [whole, cut] = [newDisk(), newDisk()];
    const uncut = await start(whole);
    await play(uncut, 0, events.length);
    const first = await start(cut);
    await play(first, 0, CUT);
    if (isStopped) await first.close();
    const second = await start(cut);
    await play(second, CUT, events.length);
    expect(await remember(cut, second.record, feed)).toEqual(["BTC", "ETH"]);
    expect(filesOf(second.record)).toEqual(filesOf(uncut.record));
    expect(filesOf(second.record, "ETH")).toEqual(filesOf(uncut.record, "ETH"));
    expect(second.record.bars("BTC").length).toBe(2 * 288 + 2);
  });

  it("holds at once what the recovery folded again", async () => {
    const disk = newDisk();
    await play(await start(disk), 0, CUT);
    const second = await start(disk);
    expect(second.record.bars("BTC")).toHaveLength(1);
  });

  it("takes no other market's history for its own", async () => {
    const disk = newDisk();
    await play(await start(disk), 0, CUT);
    const second = await start(disk);
    const other = openSim({ seed: 2, warmDays: 2 });
    expect(await remember(disk, second.record, other)).toEqual([]);
    expect(second.record.bars("BTC")).toHaveLength(1);
  });

  it("takes nothing when it is stopped meanwhile", async () => {
    const disk = newDisk();
    await play(await start(disk), 0, 10);
    const record = openRecord();
    const { account } = journalOf(disk);
    const options = { feed, terms, account, clock: systemClock, stopped: () => true };
    expect(await recordHistory(record, options)).toEqual([]);
    expect(record.bars("BTC")).toEqual([]);
  });
});

/** The fold of a study, line by line. */
function published(bars: readonly Bar[]): string[] {
  const regime = createRegime(regimeTerms("crypto"), bars[1]!.openMs - bars[0]!.openMs);
  const series = emptySeries(bars.length);
  const lines = bars.map((bar, i) => {
    foldBar(regime, bar);
    noteClose(series, i, regime);
    return seriesLine(series, i);
  });
  return [seriesHeader, ...lines];
}

describe("a gateway that runs, and runs again", () => {
  const data = mkdtempSync(join(tmpdir(), "slidewire-record-"));
  const flags = ["--speed", "900", "--seed", "7"];
  let gateway: Started;
  beforeAll(async () => {
    gateway = await startGateway(flags, { data });
  }, 40_000);
  afterAll(async () => {
    await gateway?.stop();
    rmSync(data, { recursive: true, force: true });
  });

  const linesOf = async (file: RecordFile) =>
    (await gateway.text(`/v1/regime/BTC/${file}.csv`)).trimEnd().split("\n");

  /** Both files, once the series has `count` lines. */
  async function files(count: number) {
    for (let i = 0; i < 100; i++) {
      const series = await linesOf("series");
      if (series.length >= count) return { bars: await linesOf("bars"), series };
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return { bars: [], series: [] };
  }

  it("hands out files of which a study makes one from the other, and has them still", async () => {
    const before = await files(1 + 60 * 288 + 1);
    expect(before.bars.length).toBeGreaterThan(1 + 60 * 288);
    const { bars } = parsePrices(before.bars.join("\n"));
    expect(published(bars).slice(0, before.series.length)).toEqual(before.series);
    expect(await gateway.stop()).toBe(0);
    gateway = await startGateway(flags, { data });
    const after = await files(before.series.length);
    expect(after.series.slice(0, before.series.length)).toEqual(before.series);
    expect(after.bars.slice(0, before.bars.length)).toEqual(before.bars);
  }, 60_000);
});
