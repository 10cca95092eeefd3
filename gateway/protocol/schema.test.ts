/** Fields: each takes what it says, refuses the next thing beside it, and names the place. */
import { describe, expect, it } from "vitest";
import {
  decimal,
  finite,
  integer,
  listOf,
  mapOf,
  oneOf,
  optional,
  readFields,
  schemaOf,
  shape,
  text,
} from "./schema.ts";

const fields = {
  account: text({ max: 8 }),
  limit: optional(integer({ min: 1, max: 10, means: "items" })),
};

describe("readFields", () => {
  it("reads what is there and leaves out what may be absent", () => {
    expect(readFields(fields, { account: "mm-1" }, "params")).toEqual({ account: "mm-1" });
    expect(readFields(fields, { account: "a", limit: 10 }, "params")).toEqual({
      account: "a",
      limit: 10,
    });
  });

  it.each([
    ["no object", [], "wrong_type", "params"],
    ["null", null, "wrong_type", "params"],
    ["an absent field", {}, "missing_field", "params.account"],
    ["a field too many", { account: "a", acount: 1 }, "unknown_key", "params.acount"],
    ["a name of the prototype", { account: "a", toString: 1 }, "unknown_key", "params.toString"],
    ["null for a text", { account: null }, "wrong_type", "params.account"],
    ["an empty text", { account: "" }, "out_of_bounds", "params.account"],
    ["a text too long", { account: "123456789" }, "out_of_bounds", "params.account"],
    ["a text for a number", { account: "a", limit: "5" }, "wrong_type", "params.limit"],
    ["a fraction", { account: "a", limit: 1.5 }, "wrong_type", "params.limit"],
    ["one too few", { account: "a", limit: 0 }, "out_of_bounds", "params.limit"],
    ["one too many", { account: "a", limit: 11 }, "out_of_bounds", "params.limit"],
  ])("refuses %s", (_, params, code, path) => {
    expect(() => readFields(fields, params, "params")).toThrow(
      expect.objectContaining({ code, detail: expect.objectContaining({ path }) }),
    );
  });
});

describe("a field", () => {
  const amount = decimal("USD");
  it.each(["0", "-1", "123456789012345.123456789012", "1.50"])("decimal takes %s", (value) => {
    expect(amount.read(value, "amount")).toBe(value);
  });

  it.each(["", "-", "+1", ".5", "1.", "1e3", "NaN", "0x1", " 1", "1,5", "1234567890123456"])(
    "decimal refuses %j",
    (value) => {
      expect(() => amount.read(value, "amount")).toThrow(/out_of_bounds/);
    },
  );

  it("decimal refuses a number, for it may have been rounded already", () => {
    expect(() => amount.read(1.5, "amount")).toThrow(/wrong_type/);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])("finite refuses %d", (value) => {
    expect(() => finite({ min: 0, max: 1, means: "share" }).read(value, "x")).toThrow(/not_finite/);
  });

  it.each([
    ["list", listOf(text({ max: 3 }), 2), ["a", "b"], ["a", "b", "c"], "limit_exceeded"],
    ["list that is empty", listOf(text({ max: 3 }), 2), ["a"], [], "out_of_bounds"],
    ["list entry", listOf(text({ max: 3 }), 2), ["a"], ["abcd"], "out_of_bounds"],
    ["map", mapOf(text({ max: 3 }), 1), { a: "b" }, { a: "b", c: "d" }, "limit_exceeded"],
    ["map entry", mapOf(text({ max: 3 }), 1), { a: "b" }, { a: 1 }, "wrong_type"],
    ["choice", oneOf("x", "y"), "x", "z", "unknown_value"],
    ["choice by a name of the prototype", oneOf("x"), "x", "toString", "unknown_value"],
    ["shape", shape({ a: text({ max: 3 }) }), { a: "b" }, { b: "b" }, "unknown_key"],
  ])("%s takes what it says and refuses what it does not", (_, field, good, bad, code) => {
    expect(field.read(good, "x")).toEqual(good);
    expect(() => field.read(bad, "x")).toThrow(expect.objectContaining({ code }));
  });
});

describe("schemaOf", () => {
  it("says in JSON Schema what the fields check", () => {
    expect(schemaOf(fields)).toEqual({
      type: "object",
      properties: {
        account: { type: "string", minLength: 1, maxLength: 8 },
        limit: { type: "integer", minimum: 1, maximum: 10, description: "items" },
      },
      required: ["account"],
      additionalProperties: false,
    });
  });
});
