/**
 * EVENT channels on fakes: every event once and in order, resumed where it can be and said so where
 * it cannot; who does not read is closed, and never skipped over.
 */
import { describe, expect, it } from "vitest";
import { FAKE_RING, fakeBoard } from "./board.test-kit.ts";
import {
  type FakeClient,
  joinRig,
  narrowKey,
  type StreamRig,
  streamRig,
  traderKey,
} from "./stream.test-kit.ts";

const accounts = ["mm-1", "mm-2"];
const FILLS = "fills.mm-1";
const CHANGES = "regime.changes";

const rigOf = (limits = {}) => streamRig({ board: fakeBoard({ accounts }), limits });

interface Place {
  readonly epoch: string;
  readonly seq: number;
}

function subscribed(client: FakeClient, channels: readonly string[], since = {}) {
  const reply = client.call("subscribe", { channels, since });
  return (reply?.result?.["channels"] ?? []) as readonly Record<string, unknown>[];
}

/** Frames of channels, taken off the socket. */
function heard({ clock }: StreamRig, { socket }: FakeClient) {
  clock.settle();
  return socket.take().flatMap(({ params }) => (params ? [params] : []));
}

const eventsIn = (frames: ReturnType<typeof heard>) =>
  frames.map(({ type, seq, prev, data }) =>
    type === "snapshot"
      ? (data!["events"] as { seq: number }[]).map((one) => one.seq)
      : [prev, seq],
  );

describe("an EVENT channel", () => {
  it("starts with a snapshot of what is kept, and goes on from it", () => {
    const rig = rigOf();
    rig.board.happen(FILLS, CHANGES, FILLS);
    const client = joinRig(rig, { key: traderKey });
    const [status] = subscribed(client, [FILLS]);
    expect(status).toEqual({ channel: FILLS, status: "subscribed", epoch: "lineage-1", seq: 3 });
    rig.board.happen(FILLS);
    const [snapshot, update] = heard(rig, client);
    expect(snapshot).toMatchObject({ type: "snapshot", seq: 3, prev: 0, epoch: "lineage-1" });
    expect(snapshot?.data).toEqual({
      events: [
        { seq: 1, prev: 0, turn: 1, number: 1 },
        { seq: 3, prev: 1, turn: 1, number: 3 },
      ],
    });
    expect(update).toMatchObject({ type: "update", seq: 4, prev: 3, turn: 2, conflated: 0 });
    expect(update?.data).toEqual({ number: 4 });
  });

  it("starts empty where nothing has happened yet", () => {
    const rig = rigOf();
    const client = joinRig(rig, { key: traderKey });
    expect(subscribed(client, [CHANGES])).toMatchObject([{ seq: 0 }]);
    rig.board.happen(CHANGES);
    expect(heard(rig, client)).toMatchObject([
      { type: "snapshot", seq: 0, data: { events: [] } },
      { type: "update", seq: 1, prev: 0 },
    ]);
  });

  it("conflates nothing: many turns between two flushes are as many frames, in order", () => {
    const rig = rigOf();
    const client = joinRig(rig, { key: traderKey });
    subscribed(client, [FILLS, CHANGES]);
    heard(rig, client);
    for (let i = 0; i < 20; i++) rig.board.happen(FILLS, FILLS, CHANGES);
    const frames = heard(rig, client).filter(({ channel }) => channel === FILLS);
    const seqs = Array.from({ length: 40 }, (_, i) => 1 + 3 * Math.floor(i / 2) + (i % 2));
    expect(frames.map(({ seq }) => seq)).toEqual(seqs);
    expect(frames.map(({ prev }) => prev)).toEqual([0, ...seqs.slice(0, -1)]);
    expect(rig.metrics.render()).toContain("slidewire_conflated_total 0\n");
  });

  it("is silent for others' accounts, and beats when it is silent", () => {
    const rig = rigOf();
    const client = joinRig(rig, { key: traderKey });
    subscribed(client, [FILLS]);
    rig.board.happen(FILLS, "fills.mm-2");
    expect(heard(rig, client).map(({ channel }) => channel)).toEqual([FILLS, FILLS]);
    rig.clock.advance(rig.limits.heartbeatMs + 500);
    const [beat] = heard(rig, client);
    expect(beat).toMatchObject({ channel: FILLS, type: "hb", seq: 1, prev: 1 });
    expect(beat?.data).toBeUndefined();
  });

  it("is told in `subscriptions` with its place, dropped by name and by *", () => {
    const rig = rigOf();
    const client = joinRig(rig, { key: traderKey });
    subscribed(client, ["fills.*", CHANGES, "margin.mm-1.raw"]);
    rig.board.happen(CHANGES);
    rig.clock.settle();
    const places = client.call("subscriptions")?.result?.["channels"] as Record<string, unknown>[];
    expect(places).toContainEqual({ channel: CHANGES, epoch: "lineage-1", seq: 1 });
    expect(places).toContainEqual({ channel: FILLS, epoch: "lineage-1", seq: 0 });
    const drop = (channels: string[]) => client.call("unsubscribe", { channels })?.result;
    expect(drop([CHANGES, "fills.*", "fills.mm-1"])).toEqual({
      channels: [
        { channel: CHANGES, status: "unsubscribed" },
        { channel: FILLS, status: "unsubscribed" },
        { channel: "fills.mm-2", status: "unsubscribed" },
        { channel: FILLS, status: "absent" },
      ],
    });
    client.socket.take();
    rig.board.happen(CHANGES, FILLS);
    expect(heard(rig, client)).toEqual([]);
    expect(rig.fanout.watcherCount).toBe(1);
  });

  it("of * takes in accounts that open later", () => {
    const rig = rigOf();
    const client = joinRig(rig, { key: traderKey });
    subscribed(client, ["fills.*"]);
    rig.board.addAccount("mm-3");
    rig.board.happen("fills.mm-3");
    rig.clock.advance(1_000);
    rig.board.happen("fills.mm-3");
    const frames = heard(rig, client).filter(({ channel }) => channel === "fills.mm-3");
    expect(eventsIn(frames)).toEqual([[1], [1, 2]]);
  });

  it("is the same subscribed twice", () => {
    const rig = rigOf();
    const client = joinRig(rig, { key: traderKey });
    subscribed(client, [FILLS]);
    const since = { [FILLS]: { epoch: "lineage-1", seq: 0 } };
    expect(subscribed(client, [FILLS], since)).toEqual([
      { channel: FILLS, status: "already", epoch: "lineage-1", seq: 0 },
    ]);
    rig.board.happen(FILLS);
    expect(heard(rig, client)).toHaveLength(2);
  });

  it("waits for a recovered state", () => {
    const rig = rigOf();
    rig.board.setLineage("");
    const client = joinRig(rig, { key: traderKey });
    const reply = client.call("subscribe", { channels: [CHANGES] });
    expect(reply?.error?.data).toMatchObject({ code: "not_ready", retryable: true });
  });
});

describe("resuming", () => {
  /** Ten fills numbered 1, 3, … 19; the fake keeps the newest five, 11 to 19. */
  const grown = () => {
    const rig = rigOf();
    for (let i = 0; i < 10; i++) rig.board.happen(FILLS, CHANGES);
    return rig;
  };
  const newest = 19;
  const here = (seq: number): Place => ({ epoch: "lineage-1", seq });
  const all = [11, 13, 15, 17, 19];

  it.each([
    ["at the newest event", here(newest), true, []],
    ["one behind", here(17), true, [[17, 19]]],
    [
      "at the one before the oldest kept",
      here(9),
      true,
      [[9, 11], ...all.slice(1).map((s) => [s - 2, s])],
    ],
    [
      "at a number between two events",
      here(16),
      true,
      [
        [16, 17],
        [17, 19],
      ],
    ],
    ["behind what is kept", here(7), false, [all]],
    ["from the beginning", here(0), false, [all]],
    ["at a number that is still to come", here(20), false, [all]],
    ["far in the future", here(Number.MAX_SAFE_INTEGER), false, [all]],
    ["in another epoch", { epoch: "lineage-0", seq: newest }, false, [all]],
    ["in a boot's epoch", { epoch: "boot-1", seq: newest }, false, [all]],
  ])("%s", (_, since, recovered, frames) => {
    const rig = grown();
    const client = joinRig(rig, { key: traderKey });
    const [status] = subscribed(client, [FILLS], { [FILLS]: since });
    expect(status).toMatchObject({ status: "subscribed", seq: newest, recovered });
    rig.board.happen(FILLS);
    expect(eventsIn(heard(rig, client))).toEqual([...frames, [newest, 21]]);
  });

  it("from nothing, where nothing was forgotten, misses nothing", () => {
    const rig = rigOf();
    rig.board.happen(FILLS, FILLS);
    const client = joinRig(rig, { key: traderKey });
    const [status] = subscribed(client, [FILLS], { [FILLS]: here(0) });
    expect(status).toMatchObject({ recovered: true });
    expect(eventsIn(heard(rig, client))).toEqual([
      [0, 1],
      [1, 2],
    ]);
  });

  it("works through a *, each account from its own place", () => {
    const rig = rigOf();
    rig.board.happen(FILLS, "fills.mm-2", FILLS, "fills.mm-2");
    const client = joinRig(rig, { key: traderKey });
    const since = { [FILLS]: here(1), "fills.mm-2": here(9) };
    expect(subscribed(client, ["fills.*"], since).map(({ recovered }) => recovered)).toEqual([
      true,
      false,
    ]);
    expect(eventsIn(heard(rig, client))).toEqual([
      [1, 3],
      [2, 4],
    ]);
  });

  it("is sent on as the credit allows, with what happened meanwhile behind it", () => {
    const rig = streamRig({ board: fakeBoard({ accounts }), limits: { unpongedBytes: 600 } });
    for (let i = 0; i < FAKE_RING; i++) rig.board.happen(FILLS);
    const client = joinRig(rig, { key: traderKey, live: false });
    client.pong();
    subscribed(client, [FILLS], { [FILLS]: here(0) });
    for (let i = 0; i < 10; i++) rig.board.happen(FILLS);
    const seen: number[] = [];
    let rounds = 0;
    while (seen.length < 15 && rounds < 100) {
      rounds += 1;
      seen.push(...heard(rig, client).map(({ seq }) => seq));
      client.pong();
    }
    expect(seen).toEqual(Array.from({ length: 15 }, (_, i) => i + 1));
    expect(rounds).toBeGreaterThan(3);
  });
});

describe("a reader that does not drain", () => {
  it("is closed 4410 when its channel's tail is full; the others have everything", () => {
    const rig = rigOf({ eventsPerChannel: 50, unpongedBytes: 2_000 });
    const stalled = joinRig(rig, { key: traderKey, live: false });
    const reading = joinRig(rig, { key: traderKey });
    subscribed(stalled, [FILLS]);
    subscribed(reading, [FILLS]);
    const seen: number[] = [];
    for (let i = 0; i < 200; i++) {
      rig.board.happen(FILLS);
      seen.push(
        ...heard(rig, reading)
          .filter((f) => f.type === "update")
          .map(({ seq }) => seq),
      );
    }
    expect(stalled.socket.closedWith).toBe(4410);
    const had = heard(rig, stalled).filter(({ type }) => type === "update");
    expect(had.map(({ seq }) => seq)).toEqual(had.map((_, i) => i + 1));
    expect(had.length).toBeLessThan(30);
    expect(seen).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
    expect(reading.socket.closedWith).toBeUndefined();
    expect(rig.metrics.render()).toContain("slidewire_slow_readers_closed_total 1\n");
  });

  it("is bounded in bytes as well", () => {
    const rig = rigOf({ bufferedBytes: 500, unpongedBytes: 400 });
    const stalled = joinRig(rig, { key: traderKey, live: false });
    subscribed(stalled, [FILLS]);
    for (let i = 0; i < 100; i++) rig.board.happen(FILLS);
    expect(stalled.socket.closedWith).toBe(4410);
  });

  it("is not closed for a burst within one turn that a reader can take", () => {
    const rig = rigOf({ eventsPerChannel: 50 });
    const reading = joinRig(rig, { key: traderKey });
    subscribed(reading, [FILLS]);
    heard(rig, reading);
    rig.board.happen(...Array(300).fill(FILLS));
    expect(heard(rig, reading)).toHaveLength(300);
    expect(reading.socket.closedWith).toBeUndefined();
  });

  it("leaves nothing behind when it has gone", () => {
    const rig = rigOf();
    const client = joinRig(rig, { key: traderKey });
    subscribed(client, ["fills.*", CHANGES]);
    rig.board.happen(FILLS);
    client.events.close(1000);
    expect(rig.fanout.watcherCount).toBe(0);
    rig.board.happen(FILLS, CHANGES);
    rig.clock.settle();
    expect(rig.faults).toEqual([]);
  });
});

describe("who may watch events", () => {
  it.each([
    ["an account that is missing", "fills.nobody", "unknown_account"],
    ["an account that is another's", "fills.mm-2", "unknown_account"],
    ["the regime without its scope", CHANGES, "forbidden"],
  ])("refuses %s", (_, channel, code) => {
    const client = joinRig(rigOf(), { key: narrowKey });
    const reply = client.call("subscribe", { channels: [FILLS, channel] });
    expect(reply?.error?.data).toMatchObject({ code, path: "params.channels[1]" });
    expect(client.call("subscriptions")?.result).toEqual({ channels: [] });
  });

  it("gives a * only what the key may read", () => {
    const rig = rigOf();
    const client = joinRig(rig, { key: narrowKey });
    expect(subscribed(client, ["fills.*"]).map(({ channel }) => channel)).toEqual([FILLS]);
    rig.board.happen("fills.mm-2", FILLS);
    expect(heard(rig, client).map(({ channel }) => channel)).toEqual([FILLS, FILLS]);
  });

  it("counts event channels with the others", () => {
    const client = joinRig(rigOf({ channelsPerConnection: 2 }), { key: traderKey });
    const refused = client.call("subscribe", { channels: ["margin.mm-1.raw", FILLS, CHANGES] });
    expect(refused?.error?.data["code"]).toBe("limit_exceeded");
    expect(subscribed(client, [FILLS, CHANGES])).toHaveLength(2);
  });
});
