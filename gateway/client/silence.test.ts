/**
 * A line that falls silent: called stale, then given up and opened anew, on a clock that is told.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LOST_MS, STALE_MS } from "./client.ts";
import { type Client, connect } from "./index.ts";
import { CALL_MS, OPEN_MS, type WebSocketLike } from "./line.ts";

type Listener = (event: { data: unknown; code: number; reason: string }) => void;

/** A socket that opens when told and answers every call at once. */
class FakeSocket implements WebSocketLike {
  readonly #listeners = new Map<string, Listener>();
  answers = true;
  closed = false;

  addEventListener(type: string, listener: unknown): void {
    this.#listeners.set(type, listener as Listener);
  }

  tell(type: string, event: object = {}): void {
    this.#listeners.get(type)?.({ data: "", code: 1006, reason: "", ...event });
  }

  send(text: string): void {
    const { id } = JSON.parse(text) as { id: number };
    const data = JSON.stringify({ id, result: { boot: "b" } });
    if (this.answers) queueMicrotask(() => this.tell("message", { data }));
  }

  close(): void {
    this.closed = true;
  }
}

let sockets: FakeSocket[] = [];
let client: Client | undefined;
beforeEach(() => {
  sockets = [];
  vi.useFakeTimers();
});
afterEach(async () => {
  await client?.close();
  vi.useRealTimers();
});

const openWebSocket = (): FakeSocket => {
  const socket = new FakeSocket();
  sockets.push(socket);
  queueMicrotask(() => socket.tell("open"));
  return socket;
};

describe("a line", () => {
  it("that is silent is stale, and ready again when something comes", async () => {
    client = await connect("http://gateway", { openWebSocket });
    await vi.advanceTimersByTimeAsync(STALE_MS - 1_000);
    expect(client.state).toBe("ready");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(client.state).toBe("stale");
    sockets[0]!.tell("message", { data: '{"params":{"type":"hb"}}' });
    expect(client.state).toBe("ready");
  });

  it("that stays silent is given up and opened anew", async () => {
    client = await connect("http://gateway", { openWebSocket, random: () => 0 });
    await vi.advanceTimersByTimeAsync(LOST_MS + 1_000);
    expect(sockets.map(({ closed }) => closed)).toEqual([true, false]);
    expect(client.state).toBe("ready");
  });

  it("that does not answer a call fails that call in time", async () => {
    client = await connect("http://gateway", { openWebSocket });
    sockets[0]!.answers = false;
    const call = expect(client.call("ping", {})).rejects.toMatchObject({ code: "unreachable" });
    await vi.advanceTimersByTimeAsync(CALL_MS);
    await call;
  });

  it("that does not open fails in time", async () => {
    const never = () => new FakeSocket();
    const attempt = expect(
      connect("http://gateway", { openWebSocket: never }),
    ).rejects.toMatchObject({ code: "unreachable" });
    await vi.advanceTimersByTimeAsync(OPEN_MS);
    await attempt;
  });

  it("that breaks fails what was asked on it", async () => {
    client = await connect("http://gateway", { openWebSocket });
    sockets[0]!.answers = false;
    const call = expect(client.call("ping", {})).rejects.toMatchObject({ code: "unreachable" });
    sockets[0]!.tell("close", { code: 1006 });
    await call;
  });
});
