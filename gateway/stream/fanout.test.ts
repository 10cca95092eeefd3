/** Channels: snapshots before updates, the newest and never a queue, one encoding for all. */
import { describe, expect, it } from "vitest";
import { fakeBoard } from "./board.test-kit.ts";
import { type FakeClient, joinRig, narrowKey, streamRig, traderKey } from "./stream.test-kit.ts";

const started = (accounts = ["mm-1", "mm-2"]) => {
  const rig = streamRig({ board: fakeBoard({ accounts }) });
  rig.board.move(...accounts, "BTC");
  rig.clock.settle();
  return rig;
};
const states = (client: FakeClient) =>
  client.socket
    .take()
    .map(({ params }) => params && [params.type, params.seq, params.prev, params.conflated]);

describe("a raw channel", () => {
  it("starts with a snapshot and goes on with one update a turn", () => {
    const { board, clock, ...rig } = started();
    const client = joinRig({ board, clock, ...rig }, { key: traderKey });
    client.call("subscribe", { channels: ["margin.mm-1.raw"] });
    expect(states(client)).toEqual([["snapshot", 1, 0, 0]]);
    for (let turn = 0; turn < 3; turn++) {
      board.move("mm-1");
      clock.settle();
    }
    expect(states(client)).toEqual([
      ["update", 2, 1, 0],
      ["update", 3, 2, 0],
      ["update", 4, 3, 0],
    ]);
  });

  it("names the turn in which its figures moved, also to who comes later", () => {
    const rig = started();
    rig.board.move("mm-2");
    rig.clock.settle();
    const client = joinRig(rig, { key: traderKey });
    client.call("subscribe", { channels: ["margin.mm-1.raw", "margin.mm-2.raw"] });
    expect(client.socket.take().map(({ params }) => params?.turn)).toEqual([1, 2]);
  });

  it("is silent in turns that did not move its figures", () => {
    const rig = started();
    const client = joinRig(rig, { key: traderKey });
    client.call("subscribe", { channels: ["margin.mm-1.raw"] });
    client.socket.take();
    rig.board.move("mm-2", "ETH");
    rig.clock.settle();
    expect(states(client)).toEqual([]);
  });

  it("sends once for turns that come faster than it can send", () => {
    const rig = started();
    const client = joinRig(rig, { key: traderKey });
    client.call("subscribe", { channels: ["margin.mm-1.raw"] });
    client.socket.take();
    rig.board.move("mm-1");
    rig.board.move("mm-1");
    rig.clock.settle();
    const [frame] = client.socket.take();
    expect(frame?.params).toMatchObject({ turn: 3, data: { equity: 1003 } });
    expect(client.socket.sent).toEqual([]);
  });

  it("of an account without figures waits, and then starts with a snapshot", () => {
    const rig = streamRig();
    const client = joinRig(rig, { key: traderKey });
    const reply = client.call("subscribe", { channels: ["margin.mm-1.raw"] });
    expect(reply?.result).toEqual({
      channels: [{ channel: "margin.mm-1.raw", status: "subscribed", epoch: "boot-1", seq: 0 }],
    });
    expect(states(client)).toEqual([]);
    rig.board.move("mm-1");
    rig.clock.settle();
    expect(states(client)).toEqual([["snapshot", 1, 0, 0]]);
  });

  it("carries everything that places its figures", () => {
    const rig = started();
    const client = joinRig(rig, { key: traderKey });
    client.call("subscribe", { channels: ["margin.mm-1.raw"] });
    expect(client.socket.take()[0]).toEqual({
      jsonrpc: "2.0",
      method: "subscription",
      params: {
        channel: "margin.mm-1.raw",
        type: "snapshot",
        seq: 1,
        prev: 0,
        conflated: 0,
        turn: 1,
        epoch: "boot-1",
        ts: rig.clock.now(),
        markTs: rig.board.markAt(),
        data: { account: "mm-1", turn: 1, equity: 1001, initialMargin: 0.1 },
      },
    });
  });

  it("never starts its versions again while the process lives", () => {
    const rig = started();
    const client = joinRig(rig, { key: traderKey });
    client.call("subscribe", { channels: ["margin.mm-1.raw"] });
    rig.board.move("mm-1");
    rig.clock.settle();
    client.call("unsubscribe", { channels: ["margin.mm-1.raw"] });
    client.socket.take();
    rig.board.move("mm-1");
    rig.clock.settle();
    expect(states(client)).toEqual([]);
    client.call("subscribe", { channels: ["margin.mm-1.raw"] });
    expect(states(client)).toEqual([["snapshot", 3, 0, 2]]);
  });
});

describe("a conflated channel", () => {
  it.each([
    ["100ms", 100, 10],
    ["1s", 1_000, 1],
  ])("of %s sends at most once every %i ms and says what it skipped", (interval, ms, perSecond) => {
    const rig = started();
    const client = joinRig(rig, { key: traderKey });
    client.call("subscribe", { channels: [`margin.mm-1.${interval}`] });
    client.socket.take();
    for (let i = 0; i < 200; i++) {
      rig.board.move("mm-1");
      rig.clock.advance(10);
    }
    const frames = client.socket.take().flatMap(({ params }) => params ?? []);
    expect(frames.length).toBeGreaterThanOrEqual(2 * perSecond - 1);
    expect(frames.length).toBeLessThanOrEqual(2 * perSecond);
    let seen = 1;
    for (const { seq, prev, conflated } of frames) {
      expect(prev).toBe(seen);
      expect(conflated).toBe(seq - prev - 1);
      seen = seq;
    }
    expect(frames.at(-1)!.seq - frames.at(-2)!.seq).toBe(ms / 10);
  });

  it("carries liquidation prices once a second and no faster, for they are dear", () => {
    const rig = started();
    const client = joinRig(rig, { key: traderKey });
    const named = ["raw", "100ms", "1s"].map((interval) => `margin.mm-1.${interval}`);
    client.call("subscribe", { channels: named });
    const priced = client.socket.take().map(({ params }) => "liquidation" in params!.data!);
    expect(priced).toEqual([false, false, true]);
  });

  it("sends its last figures when the market falls silent", () => {
    const rig = started();
    const client = joinRig(rig, { key: traderKey });
    client.call("subscribe", { channels: ["margin.mm-1.1s"] });
    client.socket.take();
    rig.board.move("mm-1");
    rig.clock.advance(1_000);
    expect(states(client)).toEqual([["update", 2, 1, 0]]);
    rig.clock.advance(3_000);
    expect(states(client)).toEqual([]);
  });
});

describe("a slow reader", () => {
  it("gets no more than its credit, then the newest of each channel and nothing in between", () => {
    const accounts = Array.from({ length: 20 }, (_, i) => `a-${i}`);
    const rig = streamRig({ board: fakeBoard({ accounts }), limits: { unpongedBytes: 10_000 } });
    rig.board.move(...accounts);
    rig.clock.settle();
    const client = joinRig(rig, { key: traderKey, live: false });
    client.call("subscribe", { channels: ["margin.*.raw"] });
    client.pong();
    client.socket.take();
    for (let turn = 0; turn < 100; turn++) {
      rig.board.move(...accounts);
      rig.clock.settle();
    }
    const early = client.socket.take();
    const bytes = early.reduce((sum, frame) => sum + JSON.stringify(frame).length, 0);
    expect(bytes).toBeGreaterThan(7_000);
    expect(bytes).toBeLessThan(11_000);
    client.pong();
    const late = client.socket.take().flatMap(({ params }) => params ?? []);
    expect(late.map(({ seq }) => seq)).toEqual(accounts.map(() => 101));
    expect(new Set(late.map(({ channel }) => channel)).size).toBe(20);
    expect(rig.meters.conflated.value()).toBe(
      late.reduce((sum, { conflated }) => sum + conflated, 0),
    );
  });

  it("does not hold up a fast one on the same channel", () => {
    const rig = started();
    const slow = joinRig(rig, { key: traderKey, live: false });
    const fast = joinRig(rig, { key: traderKey });
    for (const client of [slow, fast]) client.call("subscribe", { channels: ["margin.mm-1.raw"] });
    slow.socket.buffered = 70_000;
    for (const client of [slow, fast]) client.socket.take();
    rig.board.move("mm-1");
    rig.clock.settle();
    rig.board.move("mm-1");
    rig.clock.settle();
    expect(states(slow)).toEqual([]);
    expect(states(fast)).toEqual([
      ["update", 2, 1, 0],
      ["update", 3, 2, 0],
    ]);
    slow.socket.buffered = 0;
    slow.events.drain();
    expect(states(slow)).toEqual([["update", 3, 1, 1]]);
  });
});

describe("many readers", () => {
  it("cost one encoding of the figures, and one cork a connection", () => {
    const rig = started();
    let reads = 0;
    const { margin } = rig.board;
    rig.board.margin = (account, liquidation) => {
      reads += 1;
      return margin(account, liquidation);
    };
    const clients = Array.from({ length: 50 }, () => joinRig(rig, { key: traderKey }));
    for (const client of clients) client.call("subscribe", { channels: ["margin.*.raw"] });
    expect(reads).toBe(2);
    for (const { socket } of clients) socket.corks = 0;
    rig.board.move("mm-1", "mm-2");
    rig.clock.settle();
    expect(reads).toBe(4);
    for (const client of clients) {
      expect(client.socket.corks).toBe(1);
      expect(states(client).slice(-2)).toEqual([
        ["update", 2, 1, 0],
        ["update", 2, 1, 0],
      ]);
    }
  });
});

describe("a broken figure", () => {
  it("is not sent, is reported, and leaves the other channels alone", () => {
    const rig = started();
    const client = joinRig(rig, { key: traderKey });
    client.call("subscribe", { channels: ["margin.*.raw"] });
    client.socket.take();
    rig.board.setMargin("mm-1", { equity: Number.NaN });
    rig.board.move("mm-1", "mm-2");
    rig.clock.settle();
    expect(client.socket.take().map(({ params }) => params?.channel)).toEqual(["margin.mm-2.raw"]);
    expect(rig.faults).toMatchObject([{ code: "risk_not_finite" }]);
    expect(rig.meters.frames.value()).toBeGreaterThan(0);
  });
});

describe("a silent channel", () => {
  it("is told every five seconds that it is alive, with the version that it has", () => {
    const rig = started();
    const client = joinRig(rig, { key: traderKey });
    client.call("subscribe", { channels: ["margin.mm-1.raw"] });
    client.socket.take();
    rig.clock.advance(16_000);
    expect(states(client)).toEqual([
      ["hb", 1, 1, 0],
      ["hb", 1, 1, 0],
      ["hb", 1, 1, 0],
    ]);
  });
});

describe("authorisation", () => {
  it("is asked again at every frame", () => {
    const scopes = ["margin:read:mm-1"];
    const keys = [{ ...narrowKey, scopes }];
    const rig = streamRig({
      keys: { find: (id) => keys.find((k) => k.keyId === id), refresh: () => undefined },
    });
    rig.board.move("mm-1");
    const client = joinRig(rig, { key: narrowKey });
    client.call("subscribe", { channels: ["margin.mm-1.raw"] });
    client.socket.take();
    scopes.pop();
    rig.board.move("mm-1");
    rig.clock.settle();
    expect(client.socket.take()).toEqual([]);
  });
});
