/** JSON Schemas of everything that is on the wire but parameters: envelopes, errors and frames. */
import { errorTable } from "../../core/errors.ts";
import { schemaPart } from "../../core/json-schema.ts";
import type { Tree } from "../../core/patch.ts";
import { object } from "../../core/shape.ts";
import type { MethodSpec } from "./methods.ts";

const requestId = { type: ["string", "number", "null"] };
const micros = { type: "integer", description: "microseconds since the epoch" };

export const errorSchema: Tree = {
  type: "object",
  required: ["code", "message", "data"],
  properties: {
    code: { type: "integer", description: "JSON-RPC number" },
    message: { type: "string", description: "for people; may change" },
    data: {
      type: "object",
      required: ["code", "kind", "retryable"],
      properties: {
        code: { type: "string", enum: Object.keys(errorTable) },
        kind: { type: "string", enum: ["client", "market", "config", "fault"] },
        path: { type: "string" },
        expected: { type: "string" },
        found: { type: "string" },
        line: { type: "integer" },
        retryable: { type: "boolean" },
        retryAfterMs: { type: "integer" },
      },
    },
  },
};

export function requestSchema({ name, params }: MethodSpec): Tree {
  return {
    type: "object",
    required: ["jsonrpc", "method"],
    properties: {
      jsonrpc: { const: "2.0" },
      id: requestId,
      method: { const: name },
      params: schemaPart(object(params)),
    },
    additionalProperties: false,
  };
}

export function replySchema({ result }: MethodSpec): Tree {
  return {
    type: "object",
    required: ["jsonrpc", "id", "result", "us"],
    properties: {
      jsonrpc: { const: "2.0" },
      id: requestId,
      result: { type: "object", required: Object.keys(result), properties: result },
      us: { type: "object", properties: { in: micros, out: micros } },
    },
  };
}

export const errorReplySchema: Tree = {
  type: "object",
  required: ["jsonrpc", "id", "error", "us"],
  properties: {
    jsonrpc: { const: "2.0" },
    id: requestId,
    error: errorSchema,
    us: { type: "object", properties: { in: micros, out: micros } },
  },
};

const wholeNumber = (description: string) => ({ type: "integer", minimum: 0, description });

/** An EVENT frame: one event, or at the start those that are kept; a heartbeat has no `data`. */
export const eventFrameSchema: Tree = {
  type: "object",
  required: ["jsonrpc", "method", "params"],
  properties: {
    jsonrpc: { const: "2.0" },
    method: { const: "subscription" },
    params: {
      type: "object",
      required: ["channel", "type", "seq", "prev", "conflated", "turn", "epoch", "ts", "markTs"],
      properties: {
        channel: { type: "string" },
        type: { type: "string", enum: ["snapshot", "update", "hb"] },
        seq: wholeNumber("number of the event's command in the account chain"),
        prev: wholeNumber("seq of the event before it in this channel; 0 on a snapshot"),
        conflated: { const: 0 },
        turn: wholeNumber("turn that holds it"),
        epoch: { type: "string", description: "lineage of the journal" },
        ts: { type: "number", description: "when it was written, ms since the epoch" },
        markTs: { type: "number", description: "market time of the newest mark by then, ms" },
        data: {
          type: "object",
          description: "the event; of a snapshot {events: [{seq, prev, turn, …}]}",
        },
      },
    },
  },
};

/** A STATE frame. `data` is the full object, never a patch; a heartbeat has none. */
export const stateFrameSchema: Tree = {
  type: "object",
  required: ["jsonrpc", "method", "params"],
  properties: {
    jsonrpc: { const: "2.0" },
    method: { const: "subscription" },
    params: {
      type: "object",
      required: ["channel", "type", "seq", "prev", "conflated", "turn", "epoch", "ts", "markTs"],
      properties: {
        channel: { type: "string" },
        type: { type: "string", enum: ["snapshot", "update", "hb"] },
        seq: wholeNumber("versions of the channel's figures, counted"),
        prev: wholeNumber("seq last sent to this subscriber; 0 on a snapshot"),
        conflated: wholeNumber("versions skipped for a newer one: seq - prev - 1"),
        turn: wholeNumber("turn in which the figures moved last"),
        epoch: { type: "string", description: "boot: seq of two boots do not compare" },
        ts: { type: "number", description: "when it was written, ms since the epoch" },
        markTs: { type: "number", description: "market time of the newest mark behind it, ms" },
        data: { type: "object", description: "margin statement or regime" },
      },
    },
  },
};
