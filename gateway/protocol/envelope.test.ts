/** Requests and replies: JSON-RPC 2.0 to the letter, and errors as the contract has them. */
import { describe, expect, it } from "vitest";
import { RiskError } from "../../core/errors.ts";
import { errorReply, idOf, readRequest, resultReply } from "./envelope.ts";
import { httpStatus, wireNumber } from "./errors.ts";

const us = { in: 1, out: 2 };

describe("readRequest", () => {
  it.each([
    ["a number", 7, 7],
    ["a text", "a", "a"],
    ["null", null, null],
    ["nothing, on a notification", undefined, undefined],
  ])("takes %s as id", (_, id, read) => {
    expect(readRequest({ jsonrpc: "2.0", id, method: "ping" })).toEqual({
      id: read,
      method: "ping",
      params: {},
    });
  });

  it.each([
    ["a batch", [{ jsonrpc: "2.0", id: 1, method: "ping" }], undefined],
    ["a number", 5, undefined],
    ["another version", { jsonrpc: "1.0", method: "ping" }, "jsonrpc"],
    ["no version", { method: "ping" }, "jsonrpc"],
    ["no method", { jsonrpc: "2.0", id: 1 }, "method"],
    ["a method that is no text", { jsonrpc: "2.0", method: 5 }, "method"],
    ["an object as id", { jsonrpc: "2.0", id: {}, method: "ping" }, "id"],
    ["an endless id", { jsonrpc: "2.0", id: "x".repeat(129), method: "ping" }, "id"],
    ["a member too many", { jsonrpc: "2.0", method: "ping", extra: 1 }, "extra"],
  ])("refuses %s", (_, frame, path) => {
    expect(() => readRequest(frame)).toThrow(
      expect.objectContaining({
        code: "malformed_frame",
        detail: path === undefined ? expect.anything() : expect.objectContaining({ path }),
      }),
    );
  });
});

describe("idOf", () => {
  it.each([
    [{ id: 5 }, 5],
    [{ id: "a" }, "a"],
    [{ id: [] }, null],
    [{}, null],
    ["text", null],
    [null, null],
  ])("of %j is %j", (frame, id) => {
    expect(idOf(frame)).toBe(id);
  });
});

describe("a reply", () => {
  it("carries its request's id, its result and its times", () => {
    expect(resultReply("a", { x: 1 }, us)).toEqual({
      jsonrpc: "2.0",
      id: "a",
      result: { x: 1 },
      us,
    });
  });

  it("carries our code inside the number of JSON-RPC", () => {
    const error = new RiskError("rate_limited", { expected: "fewer", retryAfterMs: 20 });
    expect(errorReply(null, error, us)).toEqual({
      jsonrpc: "2.0",
      id: null,
      error: {
        code: -32029,
        message: "too many requests",
        data: {
          code: "rate_limited",
          kind: "client",
          expected: "fewer",
          retryAfterMs: 20,
          retryable: true,
        },
      },
      us,
    });
  });

  it("says of the single refusal whether it may succeed later", () => {
    for (const detail of [{}, { retryable: false } as const]) {
      expect(errorReply(1, new RiskError("conflict", detail), us)).toMatchObject({
        error: { data: { code: "conflict", retryable: detail.retryable ?? true } },
      });
    }
  });

  it.each([
    ["malformed_json", -32700, 400],
    ["malformed_frame", -32600, 400],
    ["unknown_method", -32601, 400],
    ["missing_field", -32602, 400],
    ["invariant_broken", -32603, 500],
    ["auth_required", -32001, 401],
    ["unknown_account", -32004, 404],
    ["not_ready", -32010, 503],
  ] as const)("numbers %s %i and HTTP %i", (code, number, status) => {
    expect(wireNumber(code)).toBe(number);
    expect(httpStatus(code)).toBe(status);
  });
});
