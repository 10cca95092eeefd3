/**
 * The envelope of every request and reply: JSON-RPC 2.0, strictly.
 *
 *      → {jsonrpc: "2.0", id, method, params?}
 *      ← {jsonrpc: "2.0", id, result | error, us: {in, out}}
 *
 * A request without an id is a notification: it is carried out and not answered. A frame that is no
 * request at all is answered with id null. Batches are refused: a client has one connection, and
 * its requests may simply follow one another.
 */
import { isTree } from "../../core/check.ts";
import { RiskError, shown } from "../../core/errors.ts";
import { toWireError, type WireError } from "./errors.ts";
import { NAME_CHARACTERS_MAX, REQUEST_ID_CHARACTERS_MAX } from "./limits.ts";

export type RequestId = string | number | null;

export interface Request {
  /** Undefined on a notification. */
  readonly id: RequestId | undefined;
  readonly method: string;
  readonly params: unknown;
}

/** When a request came in and its reply left, microseconds since the epoch. */
export interface Stamps {
  readonly in: number;
  readonly out: number;
}

export type Reply = { readonly jsonrpc: "2.0"; readonly id: RequestId; readonly us: Stamps } & (
  | { readonly result: unknown }
  | { readonly error: WireError }
);

const MEMBERS = ["jsonrpc", "id", "method", "params"];

/** @throws RiskError `malformed_frame` */
export function readRequest(frame: unknown): Request {
  if (Array.isArray(frame)) throw malformed("", "one request; batches are not taken", frame);
  if (!isTree(frame)) throw malformed("", "a request object", frame);
  for (const name of Object.keys(frame)) {
    if (!MEMBERS.includes(name)) throw malformed(name.slice(0, 40), MEMBERS.join(", "), name);
  }
  const { jsonrpc, id, method, params } = frame;
  if (jsonrpc !== "2.0") throw malformed("jsonrpc", '"2.0"', jsonrpc);
  if (id !== undefined && !isRequestId(id)) {
    throw malformed("id", "a text, a finite number or null", id);
  }
  if (typeof method !== "string" || method === "" || method.length > NAME_CHARACTERS_MAX) {
    throw malformed("method", "the name of a method", method);
  }
  return { id, method, params: params ?? {} };
}

/** The id to answer a refused frame with: its own where it can be made out, else null. */
export function idOf(frame: unknown): RequestId {
  return isTree(frame) && isRequestId(frame["id"]) ? frame["id"] : null;
}

export function resultReply(id: RequestId, result: unknown, us: Stamps): Reply {
  return { jsonrpc: "2.0", id, result, us };
}

export function errorReply(id: RequestId, error: RiskError, us: Stamps): Reply {
  return { jsonrpc: "2.0", id, error: toWireError(error), us };
}

function isRequestId(id: unknown): id is RequestId {
  if (typeof id === "string") return id.length <= REQUEST_ID_CHARACTERS_MAX;
  return id === null || (typeof id === "number" && Number.isFinite(id));
}

function malformed(path: string, expected: string, value: unknown): RiskError {
  const where = path === "" ? {} : { path };
  return new RiskError("malformed_frame", { ...where, expected, found: shown(value) });
}
