/** Events through the client: each once, over a broken line too; what was lost is said. */
import { afterEach, describe, expect, it } from "vitest";
import { keysOf } from "../control/keys.ts";
import { FAKE_RING, type FakeBoard, fakeBoard } from "../stream/board.test-kit.ts";
import { openStream, type Stream } from "../stream/serve.ts";
import { narrowKey, traderKey } from "../stream/stream.test-kit.ts";
import { sleep } from "../stream/transports.test-kit.ts";
import { type ChannelEvent, EVENT_QUEUE_MAX, type EventFeed, openEventFeed } from "./event-feed.ts";
import type { Frame } from "./feed.ts";
import { type Client, connect } from "./index.ts";

const FILLS = "fills.mm-1";
const frame = (seq: number, over: Partial<Frame<unknown>> = {}): Frame<unknown> => ({
  ...{ channel: FILLS, type: "update", seq, prev: seq - 1, conflated: 0, turn: seq },
  ...{ epoch: "e", ts: 0, markTs: 0, data: { number: seq } },
  ...over,
});
const snapshot = (seq: number, kept: readonly number[], epoch = "e") =>
  frame(seq, {
    ...{ type: "snapshot", prev: 0, epoch },
    data: { events: kept.map((at) => ({ seq: at, prev: at - 1, turn: at, number: at })) },
  });

/** The next events of a feed, as many as asked for. */
async function next(feed: EventFeed<unknown>, count: number) {
  const events: ChannelEvent<unknown>[] = [];
  if (count === 0) return events;
  for await (const event of feed) if (events.push(event) === count) break;
  return events;
}
const shortly = (events: readonly ChannelEvent<unknown>[]) =>
  events.map(({ seq, kept, gap }) => [seq, kept, gap]);

describe("an event feed", () => {
  const open = (since = {}) => openEventFeed(FILLS, since, async () => {});

  it("gives what is kept, then what happens, each once, also to whoever comes late", async () => {
    const { feed, take } = open();
    take(snapshot(2, [1, 2]));
    take(frame(3));
    expect(shortly(await next(feed, 3))).toEqual([
      [1, true, false],
      [2, true, false],
      [3, false, false],
    ]);
    take(frame(4));
    expect((await next(feed, 1))[0]).toEqual({
      ...{ channel: FILLS, epoch: "e", seq: 4, prev: 3, turn: 4, kept: false, gap: false },
      data: { number: 4 },
    });
    expect(feed.places).toEqual(new Map([[FILLS, { epoch: "e", seq: 4 }]]));
  });

  it.each([
    ["it was away for too long", snapshot(20, [18, 19, 20]), [18, 19, 20]],
    ["the journal is another", snapshot(2, [1, 2], "other"), [1, 2]],
    ["it knows more than the journal", snapshot(2, [1, 2]), [1, 2]],
  ])("marks what follows a gap: %s", async (_, again, seqs) => {
    const { feed, take } = open();
    take(snapshot(0, []));
    take(frame(5));
    take(again);
    take(frame(21));
    const events = await next(feed, seqs.length + 2);
    expect(events.map(({ seq }) => seq)).toEqual([5, ...seqs, 21]);
    expect(events.map(({ gap }) => gap)).toEqual([false, true, ...seqs.map(() => false)]);
    expect(feed.gaps).toBe(1);
  });

  it("marks a gap that nothing was kept after with the next event", async () => {
    const { feed, take } = open({ [FILLS]: { epoch: "old", seq: 7 } });
    take(snapshot(0, []));
    take(frame(1, { prev: 0 }));
    expect(shortly(await next(feed, 1))).toEqual([[1, false, true]]);
  });

  it("does not give again what it gave, when a snapshot repeats it", async () => {
    const { feed, take } = open();
    take(snapshot(2, [1, 2]));
    take(frame(3));
    take(snapshot(4, [2, 3, 4]));
    expect((await next(feed, 4)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });

  it("knows no gap where a snapshot goes on from where it was, asked for or not", async () => {
    const { feed, take } = open();
    take(snapshot(2, [1, 2]));
    take(snapshot(4, [3, 4]));
    take(snapshot(4, [3, 4]));
    expect(shortly(await next(feed, 4)).map(([seq, , gap]) => [seq, gap])).toEqual([
      [1, false],
      [2, false],
      [3, false],
      [4, false],
    ]);
    expect(feed.gaps).toBe(0);
  });

  it("ends with an error when it is not read, and never leaves one out silently", async () => {
    let closed = 0;
    const { feed, take } = openEventFeed(FILLS, {}, async () => {
      closed += 1;
    });
    for (let seq = 1; seq <= EVENT_QUEUE_MAX + 10; seq++) take(frame(seq));
    const seen: number[] = [];
    const reading = (async () => {
      for await (const { seq } of feed) seen.push(seq);
    })();
    await expect(reading).rejects.toMatchObject({
      code: "limit_exceeded",
      detail: { path: FILLS },
    });
    expect([seen.length, seen.at(-1), closed]).toEqual([EVENT_QUEUE_MAX, EVENT_QUEUE_MAX, 1]);
    expect(feed.places.get(FILLS)?.seq).toBe(EVENT_QUEUE_MAX);
  });
});

const streams: Stream[] = [];
const clients: Client[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  for (const stream of streams.splice(0)) await stream.close();
});

async function serve(board: FakeBoard, port = 0, boot = "boot-1"): Promise<Stream> {
  const keys = keysOf([traderKey, narrowKey]);
  const common = { board, keys, transport: "ws", host: "127.0.0.1", version: "1" } as const;
  const stream = await openStream({ ...common, port, boot });
  streams.push(stream);
  return stream;
}

async function join(url: string, key = traderKey): Promise<Client> {
  const client = await connect(url, { auth: key, random: () => 0 });
  clients.push(client);
  return client;
}

describe("a client's events", () => {
  it("go on where they were over a restart of the gateway, none lost and none twice", async () => {
    const board = fakeBoard({ accounts: ["mm-1", "mm-2"] });
    board.happen(FILLS);
    const first = await serve(board);
    const client = await join(first.url);
    const all = client.fills("*");
    const changes = client.regimeChanges();
    expect((await next(all, 1))[0]).toMatchObject({ channel: FILLS, seq: 1, kept: true });
    board.happen(FILLS, "regime.changes", "fills.mm-2");
    expect(await next(all, 2)).toHaveLength(2);
    await first.close();
    board.happen(FILLS, FILLS, "fills.mm-2");
    await serve(board, first.port, "boot-2");
    const missed = await next(all, 3);
    expect(missed.map(({ channel, seq, gap }) => [channel, seq, gap])).toEqual([
      [FILLS, 5, false],
      [FILLS, 6, false],
      ["fills.mm-2", 7, false],
    ]);
    board.happen(FILLS, "regime.changes");
    expect((await next(all, 1))[0]).toMatchObject({ seq: 8, prev: 6 });
    expect((await next(changes, 2)).map(({ seq }) => seq)).toEqual([3, 9]);
    expect([all.gaps, changes.gaps]).toEqual([0, 0]);
  });

  it("say that some were lost when they were away for too long", async () => {
    const board = fakeBoard({ accounts: ["mm-1"] });
    const first = await serve(board);
    const client = await join(first.url);
    const feed = client.fills("mm-1");
    board.happen(FILLS);
    await next(feed, 1);
    await first.close();
    for (let i = 0; i < FAKE_RING + 3; i++) board.happen(FILLS);
    await serve(board, first.port);
    const kept = await next(feed, FAKE_RING);
    expect(kept.map(({ seq }) => seq)).toEqual([5, 6, 7, 8, 9]);
    expect(kept.map(({ gap }) => gap)).toEqual([true, false, false, false, false]);
  });

  it("go on from a stored place in another process", async () => {
    const board = fakeBoard({ accounts: ["mm-1"] });
    const { url } = await serve(board);
    for (let i = 0; i < 4; i++) board.happen(FILLS);
    const before = (await join(url)).fills("mm-1");
    await next(before, 3);
    const since = { [FILLS]: { epoch: board.lineage, seq: 3 } };
    const after = (await join(url)).fills("mm-1", { since });
    expect(shortly(await next(after, 1))).toEqual([[4, false, false]]);
  });

  it("end with the gateway's refusal, and quietly when they are closed", async () => {
    const board = fakeBoard({ accounts: ["mm-1", "mm-2"] });
    const client = await join((await serve(board)).url, narrowKey);
    await expect(next(client.fills("mm-2"), 1)).rejects.toMatchObject({ code: "unknown_account" });
    await expect(next(client.regimeChanges(), 1)).rejects.toMatchObject({ code: "forbidden" });
    const feed = client.fills("mm-1");
    const reading = next(feed, 1);
    await feed.close();
    expect(await reading).toEqual([]);
  });

  it("wait while the gateway recovers its state", async () => {
    const board = fakeBoard({ accounts: ["mm-1"] });
    board.setLineage("");
    const client = await join((await serve(board)).url);
    const [feed, all] = [client.regimeChanges(), client.fills("*")];
    await sleep(100);
    const early = client.call("margin.get", { account: "mm-1" });
    await expect(early).rejects.toMatchObject({ code: "not_ready" });
    board.setLineage("lineage-1");
    board.happen("regime.changes", FILLS);
    expect((await next(feed, 1))[0]).toMatchObject({ seq: 1 });
    expect((await next(all, 1))[0]).toMatchObject({ channel: FILLS, seq: 2 });
  });
});
