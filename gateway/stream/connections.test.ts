/** Connections: whatever a frame holds they live; what ends them is time, silence or a lost key. */
import { describe, expect, it } from "vitest";
import { RiskError } from "../../core/errors.ts";
import { declare } from "../protocol/methods.ts";
import { bind } from "./calls.ts";
import { joinRig, type SeenFrame, streamRig, traderKey } from "./stream.test-kit.ts";

const codeOf = (frame: SeenFrame | undefined) => frame?.error?.data["code"];

describe("a frame", () => {
  it.each([
    ["that is no JSON", "{", "malformed_json", null],
    ["that is empty", "", "malformed_json", null],
    ["that is a batch", "[]", "malformed_frame", null],
    ["that is no request", '{"id":5}', "malformed_frame", 5],
    [
      "with an unknown member",
      '{"jsonrpc":"2.0","id":"a","method":"ping","x":1}',
      "malformed_frame",
      "a",
    ],
    ["for an unknown method", '{"jsonrpc":"2.0","id":6,"method":"no"}', "unknown_method", 6],
    [
      "for a name of the prototype",
      '{"jsonrpc":"2.0","id":6,"method":"toString"}',
      "unknown_method",
      6,
    ],
    [
      "with params in a list",
      '{"jsonrpc":"2.0","id":6,"method":"ping","params":[]}',
      "wrong_type",
      6,
    ],
    [
      "with a parameter too many",
      '{"jsonrpc":"2.0","id":6,"method":"ping","params":{"a":1}}',
      "unknown_key",
      6,
    ],
    [
      "with __proto__",
      '{"jsonrpc":"2.0","id":6,"method":"ping","params":{"__proto__":1}}',
      "unknown_key",
      null,
    ],
    [
      "that nests too deep",
      `{"id":1,"params":${"[".repeat(50)}${"]".repeat(50)}}`,
      "limit_exceeded",
      null,
    ],
  ])("%s is answered with a typed error, and the connection lives", (_, text, code, id) => {
    const rig = streamRig();
    const { socket, events } = joinRig(rig);
    events.message(text);
    const [frame] = socket.take();
    expect([codeOf(frame), frame?.id]).toEqual([code, id]);
    expect(frame?.error?.code).toBeLessThan(-32000);
    events.message('{"jsonrpc":"2.0","id":9,"method":"ping"}');
    expect(socket.take()[0]).toMatchObject({ id: 9, result: { pong: true } });
    expect(rig.faults).toEqual([]);
  });

  it("without an id is carried out and not answered, not even when refused", () => {
    const rig = streamRig();
    const client = joinRig(rig, { key: traderKey });
    rig.board.move("mm-1");
    const notify = (method: string, params: object) =>
      client.events.message(JSON.stringify({ jsonrpc: "2.0", method, params }));
    notify("subscribe", { channels: ["margin.mm-1.raw"] });
    notify("subscribe", { channels: ["margin.nobody.raw"] });
    expect(client.socket.take().map((f) => f.params?.type)).toEqual(["snapshot"]);
  });

  it("of more than 4 KB is refused before auth and read after it", () => {
    const rig = streamRig();
    const client = joinRig(rig);
    const big = { jsonrpc: "2.0", id: "x".repeat(5_000), method: "ping" };
    client.events.message(JSON.stringify(big));
    expect(codeOf(client.socket.take()[0])).toBe("limit_exceeded");
    const known = joinRig(rig, { key: traderKey });
    known.events.message(JSON.stringify(big));
    expect(codeOf(known.socket.take()[0])).toBe("malformed_frame");
  });

  it("is stamped with when it came and when its answer left", () => {
    const rig = streamRig();
    const { socket, events } = joinRig(rig);
    events.message('{"jsonrpc":"2.0","id":1,"method":"ping"}');
    const us = Math.round(rig.clock.now() * 1_000);
    expect(socket.take()[0]).toMatchObject({ us: { in: us, out: us } });
  });
});

describe("hello", () => {
  it("says who answers, with which limits and which identities", () => {
    const rig = streamRig();
    expect(joinRig(rig).call("hello", { client: "test/1" })?.result).toEqual({
      server: "slidewire",
      version: "0.0.0",
      protocol: "slidewire.v1",
      transport: "ws",
      limits: rig.limits,
      boot: "boot-1",
      lineage: "lineage-1",
    });
  });
});

describe("requests that come too fast", () => {
  const rush = { costBurst: 20, costPerSecond: 10 };

  it("are refused with the time to wait, and taken again after it", () => {
    const rig = streamRig({ limits: rush });
    const client = joinRig(rig);
    const replies = Array.from({ length: 25 }, () => client.call("ping"));
    expect(replies.slice(0, 20).map(codeOf)).toEqual(Array(20).fill(undefined));
    expect(replies[20]?.error?.data).toMatchObject({
      code: "rate_limited",
      retryable: true,
      retryAfterMs: 100,
    });
    rig.clock.advance(100);
    expect(codeOf(client.call("ping"))).toBeUndefined();
    expect(codeOf(client.call("ping"))).toBe("rate_limited");
  });

  it("do not touch another connection", () => {
    const rig = streamRig({ limits: rush });
    const rushing = joinRig(rig);
    for (let i = 0; i < 100; i++) rushing.call("ping");
    expect(codeOf(joinRig(rig).call("ping"))).toBeUndefined();
  });

  it("end the connection when no refusal helps", () => {
    const rig = streamRig({ limits: { ...rush, refusalsInARow: 30 } });
    const { socket, call } = joinRig(rig);
    for (let i = 0; i < 50; i++) call("ping");
    expect(socket.closedWith).toBeUndefined();
    for (let i = 0; i < 2; i++) call("ping");
    expect(socket.closedWith).toBe(4429);
  });
});

describe("a connection ends", () => {
  it.each([
    ["without auth in time", undefined, 10_000, 4408],
    ["after a day", traderKey, 86_400_000, 4411],
  ])("%s", (_, key, afterMs, code) => {
    const rig = streamRig();
    const client = joinRig(rig, key ? { key } : {});
    rig.clock.advance(afterMs - 1_000);
    expect(client.socket.closedWith).toBeUndefined();
    rig.clock.advance(2_000);
    expect(client.socket.closedWith).toBe(code);
  });

  it("within a second of its key being revoked", () => {
    let revoked = false;
    const find = () => (revoked ? undefined : traderKey);
    const rig = streamRig({ keys: { find, refresh: () => undefined } });
    const client = joinRig(rig, { key: traderKey });
    rig.clock.advance(60_000);
    expect(client.socket.open).toBe(true);
    revoked = true;
    rig.clock.advance(1_000);
    expect(client.socket.closedWith).toBe(4403);
  });

  it("when nothing that was sent comes back for ten seconds", () => {
    const rig = streamRig();
    rig.board.move("mm-1");
    const stalled = joinRig(rig, { key: traderKey, live: false });
    const reading = joinRig(rig, { key: traderKey });
    for (let second = 0; second < 14; second++) rig.clock.advance(1_000);
    expect(stalled.socket.closedWith).toBeUndefined();
    rig.clock.advance(2_000);
    expect(stalled.socket.closedWith).toBe(4410);
    expect(reading.socket.open).toBe(true);
    expect(rig.meters.slowClosed.value()).toBe(1);
  });

  it("when a megabyte waits for it", () => {
    const rig = streamRig();
    const client = joinRig(rig, { key: traderKey });
    client.socket.buffered = rig.limits.bufferedBytes;
    rig.clock.advance(1_000);
    expect(client.socket.open).toBe(true);
    client.socket.buffered += 1;
    rig.clock.advance(1_000);
    expect(client.socket.closedWith).toBe(4410);
  });

  it("with 1001 when the gateway does, which waits for it and no longer than a grace", async () => {
    const rig = streamRig();
    const [leaving, staying] = [joinRig(rig), joinRig(rig)];
    let done = false;
    const closing = rig.connections.close().then(() => {
      done = true;
    });
    expect(leaving.socket.closedWith).toBe(1001);
    expect(staying.socket.closedWith).toBe(1001);
    expect(() => rig.connections.requireRoom("127.0.0.1")).toThrow(/not_ready/);
    leaving.events.close(1001);
    await Promise.resolve();
    expect(done).toBe(false);
    rig.clock.advance(3_000);
    await closing;
    expect(done).toBe(true);
  });

  it("and is forgotten: its channels, its place and its count", () => {
    const rig = streamRig({ limits: { connectionsPerAddress: 1 } });
    rig.board.move("mm-1");
    const client = joinRig(rig, { key: traderKey });
    client.call("subscribe", { channels: ["margin.*.raw"] });
    expect(() => rig.connections.requireRoom("127.0.0.1")).toThrow(/rate_limited/);
    expect(() => rig.connections.requireRoom("127.0.0.2")).not.toThrow();
    expect(rig.fanout.watcherCount).toBe(2);
    client.events.close(1000);
    expect(rig.fanout.watcherCount).toBe(0);
    expect(() => rig.connections.requireRoom("127.0.0.1")).not.toThrow();
  });
});

describe("a method of another room", () => {
  const spec = (name: string, scope: string) =>
    declare({ name, summary: "", scope, cost: 1, params: {}, result: {}, once: true });

  it("is called with an allowed caller only", () => {
    const extraMethods = [
      bind(spec("allowed", "regime:read"), (_, { caller }) => ({ who: caller?.principal })),
      bind(spec("forbidden", "positions:write"), () => ({})),
    ];
    const client = joinRig(streamRig({ extraMethods }), { key: traderKey });
    expect(client.call("allowed")?.result).toEqual({ who: "desk" });
    expect(client.call("forbidden")?.error?.data).toMatchObject({
      code: "forbidden",
      expected: "scope positions:write",
    });
  });

  it("that fails by our own fault is reported, and tells the client no more than that", () => {
    const cause = new TypeError("a secret path");
    const fails = bind(spec("fails", "open"), () => {
      throw cause;
    });
    const rig = streamRig({ extraMethods: [fails] });
    const { socket, call } = joinRig(rig);
    const reply = call("fails");
    expect(codeOf(reply)).toBe("invariant_broken");
    expect(JSON.stringify(reply)).not.toContain("secret");
    expect(rig.faults).toEqual([cause]);
    expect(socket.open).toBe(true);
  });

  it("whose answer has a NaN is not answered with it", () => {
    const broken = bind(spec("broken", "open"), () => ({ figure: Number.NaN }));
    const rig = streamRig({ extraMethods: [broken] });
    expect(codeOf(joinRig(rig).call("broken"))).toBe("risk_not_finite");
    expect(rig.faults).toHaveLength(1);
  });

  it("may answer later, a bounded number at one time", async () => {
    const waiting: ((outcome: unknown) => void)[] = [];
    const slow = bind(
      spec("slow", "open"),
      () =>
        new Promise((resolve, reject) => {
          waiting.push((outcome) =>
            outcome instanceof Error ? reject(outcome) : resolve(outcome),
          );
        }),
    );
    const rig = streamRig({ extraMethods: [slow], limits: { pendingCalls: 2 } });
    const client = joinRig(rig);
    expect(client.call("slow", {}, "a")).toBeUndefined();
    expect(client.call("slow", {}, "b")).toBeUndefined();
    expect(codeOf(client.call("slow", {}, "c"))).toBe("rate_limited");
    waiting[1]!({ done: true });
    waiting[0]!(new RiskError("conflict"));
    await new Promise((resolve) => setTimeout(resolve, 0));
    const replies = client.socket.take();
    expect(replies.find(({ id }) => id === "b")?.result).toEqual({ done: true });
    expect(codeOf(replies.find(({ id }) => id === "a"))).toBe("conflict");
    expect(client.call("slow", {}, "d")).toBeUndefined();
  });
});
