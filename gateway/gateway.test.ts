import { describe, expect, it } from "vitest";
import { loadTerms, termsHash } from "../config/terms.ts";
import type { Submission } from "../core/engine/command.ts";
import { systemClock } from "./clock.ts";
import { EIGHT_MS, eventsOf, marginBits, openDemo, smallSim } from "./flow.test-kit.ts";
import { type Gateway, openGateway } from "./gateway.ts";
import type { Folder } from "./journal/folder.ts";
import type { Journal } from "./journal/journal.ts";
import { journalOver } from "./journal/journal-over.ts";
import { type MemoryStore, memoryStore } from "./journal/memory-store.test-kit.ts";
import { openSnapshots } from "./journal/snapshots.ts";
import { stateHash } from "./journal/state-hash.ts";
import { recheck } from "./recheck.ts";

const terms = loadTerms("slidewire");
const feed = smallSim(600);
const events = eventsOf(feed, 60);

/** What a process leaves behind. */
interface Disk {
  readonly store: MemoryStore;
  readonly files: Map<string, Uint8Array>;
}

const newDisk = (): Disk => ({ store: memoryStore(), files: new Map() });

function folderOf({ files }: Disk): Folder {
  return {
    list: () => [...files.keys()],
    read: (name) => files.get(name)!,
    write: (name, bytes) => void files.set(name, bytes),
    remove: (name) => void files.delete(name),
  };
}

interface Running extends Gateway {
  readonly journal: Journal;
}

async function start(disk: Disk): Promise<Running> {
  const journal = journalOver(disk.store, { clock: systemClock });
  const gateway = await openGateway({
    journal,
    snapshots: openSnapshots(folderOf(disk)),
    terms,
    termsHash: termsHash(terms),
    feed: () => feed,
    clock: systemClock,
    onFault: (error) => {
      throw error;
    },
  });
  return { ...gateway, journal };
}

/** All that was appended is written: each write is a few turns of the loop. */
async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
}
const hashOf = ({ flow }: Gateway) => stateHash(flow.engine.state, flow.regimes, flow.pairs());

/** Opens the accounts and plays `count` events, all of it written. */
async function play({ flow }: Running, count: number): Promise<void> {
  for (const event of events.slice(0, count)) {
    flow.accept(event);
    if (flow.engine.state.accounts.size === 0 && flow.engine.state.seq > 2) openDemo(flow);
    await settle();
  }
}

const fillOf = (i: number): Submission => ({
  kind: "Fill",
  account: "perp-1",
  key: `fill-${i}`,
  fills: [{ instrument: "BTC_USDC-PERPETUAL", quantity: "0.01", price: String(65_000 + i) }],
});

describe("a gateway that was killed", () => {
  it("stands where it stood: state and margins to the bit, numbers and versions", async () => {
    const disk = newDisk();
    const first = await start(disk);
    await play(first, 20);
    const applied = await first.flow.apply(fillOf(1));
    await settle();
    const second = await start(disk);
    expect(second.recovery).toMatchObject({ snapshot: undefined, left: [], passedOver: [] });
    expect(hashOf(second)).toBe(hashOf(first));
    // Live, the first Turn margins everybody, for time has passed.
    second.flow.engine.refresh();
    expect(marginBits(second.flow.engine)).toEqual(marginBits(first.flow.engine));
    expect(await second.flow.apply(fillOf(1))).toEqual({ ...applied, replayed: true });
    const next = await second.flow.apply(fillOf(2));
    expect(next.seq).toBe(applied.seq + 1);
    expect(next.version).toBe(applied.version! + 1);
  });

  it("folds on to the state of one that was not", async () => {
    const [whole, cut] = [newDisk(), newDisk()];
    const first = await start(whole);
    await play(first, 20);
    await play(await start(cut), 20);
    const second = await start(cut);
    for (const event of events.slice(20, 40)) {
      first.flow.accept(event);
      second.flow.accept(event);
      await settle();
    }
    expect(hashOf(second)).toBe(hashOf(first));
    expect(marginBits(second.flow.engine)).toEqual(marginBits(first.flow.engine));
  });

  it("goes on from its newest snapshot, and the list meets it", async () => {
    const disk = newDisk();
    const first = await start(disk);
    await play(first, 10);
    await first.close();
    for (const event of events.slice(10, 20)) {
      first.flow.accept(event);
      await settle();
    }
    await openSnapshots(folderOf(disk)).take({
      state: first.flow.engine.state,
      regimes: first.flow.regimes,
      pairs: first.flow.pairs(),
    });
    const expected = hashOf(first);
    for (const event of events.slice(20, 25)) first.flow.accept(event);
    await settle();
    const second = await start(disk);
    expect(second.recovery?.turns).toBe(5);
    expect(hashOf(second)).toBe(hashOf(first));
    const { lineage, account, turns } = second.journal;
    const chains = { lineage, account, turns };
    const snapshots = openSnapshots(folderOf(disk));
    const met = await recheck({ chains, snapshots, terms, termsHash: termsHash(terms) });
    expect(met.met).toHaveLength(2);
    expect(expected).not.toBe(hashOf(second));
  });

  it("passes over a snapshot that cannot be read, and says so", async () => {
    const disk = newDisk();
    const first = await start(disk);
    await play(first, 10);
    await first.close();
    const [name] = [...disk.files.keys()];
    disk.files.get(name!)![100]! ^= 1;
    const second = await start(disk);
    expect(second.recovery?.snapshot).toBeUndefined();
    expect(second.recovery?.passedOver.map(({ detail }) => detail.path)).toEqual([name]);
    expect(hashOf(second)).toBe(hashOf(first));
  });

  it("gives commands that no Turn holds their numbers in the next one", async () => {
    const disk = newDisk();
    const first = await start(disk);
    await play(first, 10);
    const kept = disk.store.batches.turns.length;
    const applied = [await first.flow.apply(fillOf(1)), await first.flow.apply(fillOf(2))];
    await settle();
    // Turns are written lazily: a power cut may take those behind commands that are on disk.
    disk.store.batches.turns.length = kept;
    const second = await start(disk);
    expect(second.recovery?.left.map(({ seq }) => seq)).toEqual(applied.map(({ seq }) => seq));
    const { positions } = second.flow.engine.state.accounts.get("perp-1")!;
    expect(positions).toEqual(first.flow.engine.state.accounts.get("perp-1")!.positions);
    expect(await second.flow.apply(fillOf(2))).toEqual({ ...applied[1], replayed: true });
  });

  it("refuses a snapshot that knows more commands than the journal", async () => {
    const disk = newDisk();
    const first = await start(disk);
    await play(first, 10);
    await first.close();
    disk.store.batches.account.pop();
    await expect(start(disk)).rejects.toMatchObject({ code: "corrupt" });
  });

  it("refuses a list whose Turns tell another story than its commands", async () => {
    const disk = newDisk();
    const [first, other] = [await start(disk), newDisk()];
    await play(first, 10);
    await first.flow.apply(fillOf(1));
    const second = await start(other);
    await play(second, 10);
    await second.flow.apply(fillOf(2));
    await settle();
    disk.store.batches.account.splice(0, Infinity, ...other.store.batches.account);
    const refused = start(disk);
    await expect(refused).rejects.toMatchObject({ code: "corrupt" });
    await expect(refused).rejects.toThrow(/account chain.*Fill of turn/);
  });
});

describe("a snapshot that the list does not meet", () => {
  it("is a fault that names it", async () => {
    const disk = newDisk();
    const first = await start(disk);
    await play(first, 10);
    const { state } = first.flow.engine;
    const wrong = { ...state, accounts: new Map(state.accounts) };
    wrong.accounts.set("perp-1", { ...state.accounts.get("perp-1")!, version: 99 });
    const snapshots = openSnapshots(folderOf(disk));
    await snapshots.take({ state: wrong, regimes: first.flow.regimes, pairs: first.flow.pairs() });
    await settle();
    const { lineage, account, turns } = first.journal;
    const chains = { lineage, account, turns };
    const checked = recheck({ chains, snapshots, terms, termsHash: termsHash(terms) });
    await expect(checked).rejects.toMatchObject({ code: "invariant_broken" });
    await expect(checked).rejects.toThrow(/snapshot-\d+\.bin/);
  });
});

describe("a disk that is full", () => {
  it("refuses commands and lets margins go on; when there is room again, so do they", async () => {
    const disk = newDisk();
    const gateway = await start(disk);
    await play(gateway, 10);
    const before = gateway.flow.engine.state.seq;
    disk.store.fails = "journal_full";
    await expect(gateway.flow.apply(fillOf(1))).rejects.toMatchObject({ code: "journal_full" });
    for (const event of events.slice(10, 20)) {
      gateway.flow.accept(event);
      await settle();
    }
    expect(gateway.flow.engine.state.seq).toBeGreaterThan(before + 9);
    expect(gateway.journal.state().state).toBe("full");
    expect(gateway.board.margin("perp-1", false)).toMatchObject({ journal: "full" });
    disk.store.fails = undefined;
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const applied = await gateway.flow.apply(fillOf(1));
    expect(applied).toMatchObject({ durable: true, replayed: false });
    await settle();
    expect(gateway.journal.state().state).toBe("open");
    expect(gateway.board.margin("perp-1", false)).not.toHaveProperty("journal");
    expect(hashOf(await start(disk))).toBe(hashOf(gateway));
  });

  it("owes what the market itself decided, and says it when there is room again", async () => {
    const disk = newDisk();
    const gateway = await start(disk);
    await play(gateway, 5);
    disk.store.fails = "journal_full";
    const expiring = () => {
      const { instruments } = gateway.flow.engine.state.market;
      return [...instruments.values()].filter(({ spec }) => spec.expiryMs === EIGHT_MS);
    };
    const late = { kind: "marks", at: EIGHT_MS + 1_000, marks: [] } as const;
    gateway.flow.accept(late);
    await settle();
    expect(expiring().length).toBeGreaterThan(0);
    disk.store.fails = undefined;
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    gateway.flow.accept({ ...late, at: late.at + 1_000 });
    await settle();
    gateway.flow.accept({ ...late, at: late.at + 2_000 });
    await settle();
    expect(gateway.flow.refused()).toBe(0);
    expect(expiring()).toEqual([]);
  });
});
