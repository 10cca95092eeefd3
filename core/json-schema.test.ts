/** A shape's JSON Schema says what its check does. */
import { describe, expect, it } from "vitest";
import { jsonSchema, schemaPart } from "./json-schema.ts";
import {
  choice,
  either,
  flag,
  list,
  map,
  named,
  nullable,
  number,
  object,
  optional,
  orNull,
  type Shape,
  text,
  withDefault,
} from "./shape.ts";

const schemaOf = (shape: Shape) => {
  const { $schema, $id, title, ...rest } = jsonSchema(shape, "urn:x", "X");
  expect([$schema, $id, title]).toEqual([
    "https://json-schema.org/draft/2020-12/schema",
    "urn:x",
    "X",
  ]);
  return rest;
};

describe("jsonSchema", () => {
  it.each<[string, Shape, object]>([
    [
      "a number",
      number({ min: 0, max: 9, unit: "USD", meaning: "Price." }),
      { type: "number", minimum: 0, maximum: 9, "x-unit": "USD", description: "Price." },
    ],
    [
      "a number above",
      number({ min: 0, aboveMin: true, max: 9 }),
      { type: "number", exclusiveMinimum: 0, maximum: 9 },
    ],
    ["any number", number({ min: -Number.MAX_VALUE, max: Number.MAX_VALUE }), { type: "number" }],
    [
      "a count",
      number({ min: 1, max: 9, integer: true, tunable: { min: 2, max: 3 } }),
      { type: "integer", minimum: 1, maximum: 9, "x-tunable": { min: 2, max: 3 } },
    ],
    [
      "a text",
      text({ max: 5, pattern: /^a+$/ }),
      { type: "string", minLength: 1, maxLength: 5, pattern: "^a+$" },
    ],
    ["a choice", choice(["a", "b"]), { enum: ["a", "b"] }],
    ["a flag", flag(), { type: "boolean" }],
    ["null or", nullable(flag()), { anyOf: [{ type: "boolean" }, { type: "null" }] }],
    [
      "a list",
      list(flag(), { min: 1, max: 3 }),
      { type: "array", items: { type: "boolean" }, minItems: 1, maxItems: 3 },
    ],
    [
      "a map",
      map(text({ max: 3 }), flag(), { max: 2 }),
      {
        type: "object",
        propertyNames: { type: "string", minLength: 1, maxLength: 3 },
        additionalProperties: { type: "boolean" },
        maxProperties: 2,
      },
    ],
    ["either", either([flag(), choice([1])]), { anyOf: [{ type: "boolean" }, { enum: [1] }] }],
  ])("says %s", (_, shape, schema) => {
    expect(schemaOf(shape)).toEqual(schema);
  });

  it("requires what has no other answer, and lets null stand for absent", () => {
    const shape = object({
      must: flag(),
      may: optional(flag()),
      filled: withDefault(flag({ meaning: "A switch." }), false),
      none: orNull(withDefault(flag(), true)),
    });
    expect(schemaOf(shape)).toEqual({
      type: "object",
      properties: {
        must: { type: "boolean" },
        may: { type: "boolean" },
        filled: { type: "boolean", description: "A switch.", default: false },
        none: { anyOf: [{ type: "boolean" }, { type: "null" }], default: true },
      },
      required: ["must"],
      additionalProperties: false,
    });
  });

  it("refers to a shape that contains itself by its name", () => {
    type Nest = { readonly inner?: Nest };
    const nest: Shape<Nest> = named("nest", () => object({ inner: optional(nest) }));
    expect(schemaOf(nest)).toEqual({
      $ref: "#/$defs/nest",
      $defs: {
        nest: {
          type: "object",
          properties: { inner: { $ref: "#/$defs/nest" } },
          additionalProperties: false,
        },
      },
    });
  });
});

describe("schemaPart", () => {
  it("is the schema alone, to stand inside another document", () => {
    const shape = object({ size: optional(number({ min: 0, max: 9, meaning: "Size." })) });
    expect(schemaPart(shape)).toEqual({
      type: "object",
      properties: { size: { type: "number", minimum: 0, maximum: 9, description: "Size." } },
      additionalProperties: false,
    });
  });

  it("refuses a shape with a name, for its definition would have no place", () => {
    const shape = object({ inner: named("nest", () => flag()) });
    expect(() => schemaPart(shape)).toThrow(/invariant_broken: nest/);
  });
});
