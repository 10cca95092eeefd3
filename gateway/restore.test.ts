import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadTerms, termsHash } from "../config/terms.ts";
import type { Submission } from "../core/engine/command.ts";
import { systemClock } from "./clock.ts";
import { SNAPSHOT_FOLDER } from "./data-folder.ts";
import { eventsOf, openDemo, smallSim } from "./flow.test-kit.ts";
import { type Gateway, openGateway } from "./gateway.ts";
import { openFolder } from "./journal/folder.ts";
import { openJournal } from "./journal/journal.ts";
import { openSnapshots } from "./journal/snapshots.ts";
import { stateHash } from "./journal/state-hash.ts";
import { verifyJournal } from "./journal/verify-journal.ts";
import { backUp, restore } from "./restore.ts";

const terms = loadTerms("slidewire");
const feed = smallSim(600);
const events = eventsOf(feed, 40);

interface Running extends Gateway {
  stop(): Promise<void>;
}

async function start(data: string): Promise<Running> {
  const journal = await openJournal(data);
  const gateway = await openGateway({
    ...{ journal, terms, termsHash: termsHash(terms), clock: systemClock, feed: () => feed },
    snapshots: openSnapshots(openFolder(join(data, SNAPSHOT_FOLDER))),
    onFault: (error) => {
      throw error;
    },
  });
  return {
    ...gateway,
    async stop() {
      await gateway.close();
      await journal.close();
    },
  };
}

async function play({ flow }: Gateway, from: number, to: number): Promise<void> {
  for (const event of events.slice(from, to)) {
    flow.accept(event);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

const fillOf = (key: string): Submission => ({
  kind: "Fill",
  account: "perp-1",
  key,
  fills: [{ instrument: "BTC_USDC-PERPETUAL", quantity: "0.01", price: "65000" }],
});

/** Of everything but the lineage, which is meant to differ. */
const hashOf = ({ flow }: Gateway): string => {
  const state = { ...flow.engine.state, lineage: "" };
  return stateHash(state, flow.regimes, flow.pairs());
};

describe("a backup", () => {
  let root: string;
  const at = (name: string) => join(root, name);
  let before: { hash: string; seq: number; lineage: string; applied: unknown };

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "slidewire-restore-"));
    const live = await start(at("live"));
    await play(live, 0, 5);
    openDemo(live.flow);
    await play(live, 5, 15);
    const applied = await live.flow.apply(fillOf("before"));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { seq, lineage } = live.flow.engine.state;
    before = { hash: hashOf(live), seq, lineage, applied };
    mkdirSync(at("live/previews"));
    writeFileSync(at("live/previews/ab12.json"), "{}");
    backUp(at("live"), at("backup"));
    await live.flow.apply(fillOf("after"));
    await play(live, 15, 25);
    await live.stop();
    backUp(at("live"), at("later"));
  }, 60_000);
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it("restores to the state of its moment, under a new lineage, and goes on", async () => {
    const restored = await restore(at("backup"), at("data"));
    expect(restored).toMatchObject({ turn: before.seq });
    expect(restored.lineage).not.toBe(before.lineage);
    expect(existsSync(at("data.restoring"))).toBe(false);
    expect(existsSync(at("data/previews/ab12.json"))).toBe(true);
    const gateway = await start(at("data"));
    expect(gateway.recovery?.left).toEqual([]);
    expect(hashOf(gateway)).toBe(before.hash);
    const { lineage } = restored;
    const again = await gateway.flow.apply(fillOf("before"));
    expect(again).toEqual({ ...(before.applied as object), lineage, replayed: true });
    expect(await gateway.flow.apply(fillOf("after"))).toMatchObject({ lineage, replayed: false });
    await play(gateway, 15, 20);
    const stopped = hashOf(gateway);
    await gateway.stop();
    expect(verifyJournal(at("data"))).toMatchObject({ lineage });
    const next = await start(at("data"));
    expect(hashOf(next)).toBe(stopped);
    await next.stop();
  }, 60_000);

  it("holds the snapshots, for Turns may be gone that a state would need", async () => {
    await restore(at("later"), at("second"));
    const gateway = await start(at("second"));
    expect(gateway.flow.engine.state.accounts.size).toBe(7);
    await gateway.stop();
  }, 60_000);

  it("is not restored over a journal, and not from nothing", async () => {
    await expect(restore(at("backup"), at("live"))).rejects.toMatchObject({ code: "conflict" });
    await expect(restore(at("none"), at("third"))).rejects.toMatchObject({
      code: "unreadable_file",
    });
    expect(existsSync(at("third"))).toBe(false);
  });
});
