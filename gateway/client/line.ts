/**
 * One WebSocket from its opening to its close: calls out, replies and frames in.
 *
 * It never opens a second one: who reconnects is client.ts, which makes a new line each time.
 */
import { type ErrorCode, errorTable, RiskError } from "../../core/errors.ts";
import type { Frame } from "./feed.ts";

/** The part of a browser's WebSocket that is used; Node 22 has the same one. */
export interface WebSocketLike {
  send(data: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "open" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(
    type: "close",
    listener: (event: { readonly code: number; readonly reason: string }) => void,
  ): void;
}

export type OpenWebSocket = (url: string, subprotocol: string) => WebSocketLike;

export const SUBPROTOCOL = "slidewire.v1.json";
/** Calls that are not answered yet. */
export const PENDING_CALLS_MAX = 1_024;
/** What opening may take, ms. */
export const OPEN_MS = 10_000;
/** What a call may take before it is given up, ms. */
export const CALL_MS = 10_000;

export interface LineEvents {
  /** Figures of a channel. */
  frame(frame: Frame<unknown>): void;
  /** Anything came: the line is alive. */
  alive(): void;
  /** The line is over; `code` 1006 when it broke. */
  closed(code: number, reason: string): void;
}

export interface Line {
  call(method: string, params: unknown): Promise<unknown>;
  close(code: number): void;
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: RiskError): void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** Opens a line; rejects `unreachable` when it does not open in time. */
export function openLine(open: OpenWebSocket, url: string, events: LineEvents): Promise<Line> {
  return new Promise((resolve, reject) => {
    const socket = open(url, SUBPROTOCOL);
    const pending = new Map<number, Pending>();
    let opened = false;
    const fail = (found: string): void => {
      clearTimeout(late);
      reject(unreachable(url, found));
    };
    const late = setTimeout(() => {
      fail(`nothing within ${OPEN_MS} ms`);
      socket.close();
    }, OPEN_MS);
    socket.addEventListener("open", () => {
      opened = true;
      clearTimeout(late);
      resolve(lineOf(socket, pending));
    });
    // Where nobody listens, Node 22 tells of an error and never of a close.
    socket.addEventListener("error", () => fail("no connection"));
    socket.addEventListener("message", ({ data }) => {
      events.alive();
      receive(data, pending, events);
    });
    socket.addEventListener("close", ({ code, reason }) => {
      fail(`${code} ${reason}`.trim());
      abandon(pending, unreachable(url, `${code} ${reason}`.trim()));
      if (opened) events.closed(code, reason);
    });
  });
}

function abandon(pending: Map<number, Pending>, error: RiskError): void {
  for (const call of pending.values()) {
    clearTimeout(call.timer);
    call.reject(error);
  }
  pending.clear();
}

function unreachable(url: string, found: string): RiskError {
  return new RiskError("unreachable", { path: url, expected: "a gateway", found });
}

function lineOf(socket: WebSocketLike, pending: Map<number, Pending>): Line {
  let lastId = 0;
  return {
    close: (code) => socket.close(code),
    call(method, params) {
      if (pending.size >= PENDING_CALLS_MAX) {
        const expected = `at most ${PENDING_CALLS_MAX} calls at one time`;
        return Promise.reject(new RiskError("limit_exceeded", { path: method, expected }));
      }
      lastId += 1;
      const id = lastId;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          pending.delete(id);
          reject(new RiskError("unreachable", { path: method, expected: `within ${CALL_MS} ms` }));
        }, CALL_MS);
        pending.set(id, { resolve, reject, timer });
        socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
      });
    },
  };
}

interface Incoming {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly data?: Readonly<Record<string, unknown>> };
  readonly params?: Frame<unknown> | { readonly type: "hb" };
}

function receive(data: unknown, pending: Map<number, Pending>, events: LineEvents): void {
  if (typeof data !== "string") return;
  const { id, result, error, params } = JSON.parse(data) as Incoming;
  if (params !== undefined) {
    if (params.type !== "hb") events.frame(params);
    return;
  }
  const call = typeof id === "number" ? pending.get(id) : undefined;
  if (id === undefined || call === undefined) return;
  pending.delete(id);
  clearTimeout(call.timer);
  if (error === undefined) call.resolve(result);
  else call.reject(refusalOf(error.data ?? {}));
}

/** The gateway's refusal as the error that it was there. */
function refusalOf(data: Readonly<Record<string, unknown>>): RiskError {
  const { code, kind: _, retryable, ...detail } = data;
  if (typeof code === "string" && Object.hasOwn(errorTable, code)) {
    const error = new RiskError(code as ErrorCode, detail);
    const final = error.retryable && retryable === false;
    return final ? new RiskError(error.code, { ...detail, retryable }) : error;
  }
  return new RiskError("unsupported", { ...detail, found: String(code) });
}
