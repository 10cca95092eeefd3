/**
 * Whatever a document gets wrong is refused with a code, a path, what was expected and what was
 * found.
 */
import { describe, expect, expectTypeOf, it } from "vitest";
import { check, SHAPE_DEPTH_MAX } from "./check.ts";
import { RiskError } from "./errors.ts";
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
  type TypeOf,
  text,
  withDefault,
} from "./shape.ts";

const leg = object({
  id: text({ max: 8, pattern: /^[a-z]+$/, form: "lower-case word" }),
  quantity: number({ min: -10, max: 10, unit: "contracts" }),
  side: withDefault(choice(["buy", "sell"]), "buy"),
  size: withDefault(object({ step: withDefault(number({ min: 0, max: 1 }), 0.5) }), {}),
  label: optional(text({ max: 3 })),
  note: orNull(optional(text({ max: 3 }))),
  rate: orNull(withDefault(number({ min: 0, max: 1 }), 0.25)),
  cap: optional(nullable(number({ min: 0, aboveMin: true, max: 1 }))),
  many: optional(list(number({ min: 0, max: 9, integer: true }), { min: 1, max: 3 })),
  byName: optional(map(text({ max: 3 }), flag(), { max: 2 })),
  amount: optional(either([number({ min: 0, max: 5 }), text({ max: 4, pattern: /^\d+$/ })])),
});
const valid = { id: "a", quantity: 1 };

describe("check", () => {
  it("fills defaults, nested ones too, and leaves out what may be absent", () => {
    expect(check(leg, valid)).toEqual({
      id: "a",
      quantity: 1,
      side: "buy",
      size: { step: 0.5 },
      rate: 0.25,
    });
  });

  it("gives the type that the shape declares", () => {
    type Leg = TypeOf<typeof leg>;
    expectTypeOf<Leg["quantity"]>().toEqualTypeOf<number>();
    expectTypeOf<Leg["side"]>().toEqualTypeOf<"buy" | "sell">();
    expectTypeOf<Leg["label"]>().toEqualTypeOf<string | undefined>();
    expectTypeOf<Leg["cap"]>().toEqualTypeOf<number | null | undefined>();
    expectTypeOf<Leg["amount"]>().toEqualTypeOf<number | string | undefined>();
  });

  it.each([
    //  field, value, code, path, expected
    ["id", undefined, "missing_field", "id", "lower-case word"],
    ["id", null, "wrong_type", "id", "lower-case word"],
    ["id", 5, "wrong_type", "id", "lower-case word"],
    ["id", "", "out_of_bounds", "id", "lower-case word"],
    ["id", "abcdefghi", "out_of_bounds", "id", "lower-case word"],
    ["id", "A", "wrong_type", "id", "lower-case word"],
    ["quantity", "1", "wrong_type", "quantity", "number -10 to 10 (contracts)"],
    ["quantity", true, "wrong_type", "quantity", "number -10 to 10 (contracts)"],
    ["quantity", Number.NaN, "not_finite", "quantity", "number -10 to 10 (contracts)"],
    ["quantity", JSON.parse("1e999"), "not_finite", "quantity", "number -10 to 10 (contracts)"],
    ["quantity", 10.1, "out_of_bounds", "quantity", "number -10 to 10 (contracts)"],
    ["quantity", -1e308, "out_of_bounds", "quantity", "number -10 to 10 (contracts)"],
    ["side", "hold", "unknown_value", "side", "buy | sell"],
    ["side", 1, "wrong_type", "side", "buy | sell"],
    ["size", [], "wrong_type", "size", "object"],
    ["size", { step: 2 }, "out_of_bounds", "size.step", "number 0 to 1"],
    ["size", { stop: 1 }, "unknown_key", "size.stop", "step"],
    ["label", null, "wrong_type", "label", "text of 1 to 3 characters"],
    ["cap", 0, "out_of_bounds", "cap", "number above 0 to 1"],
    ["many", [], "out_of_bounds", "many", "list of 1 to 3"],
    ["many", [1, 2, 3, 4], "limit_exceeded", "many", "list of 1 to 3"],
    ["many", [1, 2.5], "wrong_type", "many[1]", "whole number 0 to 9"],
    ["many", { length: 1 }, "wrong_type", "many", "list of 1 to 3"],
    [
      "byName",
      { a: true, b: true, c: true },
      "limit_exceeded",
      "byName",
      "object of at most 2 keys",
    ],
    ["byName", { "a b": 1 }, "wrong_type", 'byName["a b"]', "true or false"],
    ["byName", { abcd: true }, "out_of_bounds", "byName.abcd", "text of 1 to 3 characters"],
    ["amount", 6, "out_of_bounds", "amount", "number 0 to 5"],
    ["amount", "x", "wrong_type", "amount", "number 0 to 5, or text of 1 to 4 characters"],
    ["amount", "12345", "out_of_bounds", "amount", "text of 1 to 4 characters"],
    ["other", 1, "unknown_key", "other", undefined],
  ])("refuses %s: %j with %s at %s", (field, value, code, path, expected) => {
    const error = refusalOf(() => check(leg, { ...valid, [field]: value }));
    expect(error).toMatchObject({ code, detail: { path } });
    expect(error.detail.found).toBeDefined();
    if (expected !== undefined) expect(error.detail.expected).toBe(expected);
  });

  it.each([[null], [undefined], [[]], ["text"], [1], [true], [() => 1]])(
    "refuses %s for an object",
    (value) => {
      expect(refusalOf(() => check(leg, value)).code).toBe("wrong_type");
    },
  );

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty"])(
    "refuses the name %s as a field and as a key",
    (name) => {
      const bad = JSON.parse(`{"id": "a", "quantity": 1, ${JSON.stringify(name)}: {}}`);
      expect(refusalOf(() => check(leg, bad)).code).toBe("unknown_key");
      const shape = map(text({ max: 40 }), flag(), { max: 9 });
      const keyed = JSON.parse(`{${JSON.stringify(name)}: true}`);
      expect(refusalOf(() => check(shape, keyed)).code).toBe("unknown_key");
    },
  );

  it("takes no field from a prototype", () => {
    const inherited = Object.create({ id: "a", quantity: 1 });
    expect(refusalOf(() => check(leg, inherited))).toMatchObject({
      code: "missing_field",
      detail: { path: "id" },
    });
  });

  it("makes -0 zero and copies what it took", () => {
    const given = { ...valid, quantity: -0, many: [1] };
    const checked = check(leg, given);
    given.many.push(99);
    expect(Object.is(checked.quantity, 0)).toBe(true);
    expect(checked.many).toEqual([1]);
  });

  it("treats null as absent only where the shape says so", () => {
    expect(check(leg, { ...valid, note: null, rate: null })).not.toHaveProperty("note");
    expect(check(leg, { ...valid, rate: null }).rate).toBe(0.25);
    expect(check(leg, { ...valid, cap: null }).cap).toBeNull();
  });

  it("follows a shape into itself, down to a limit", () => {
    type Nest = { readonly inner?: Nest };
    const nest: Shape<Nest> = named("nest", () => object({ inner: optional(nest) }));
    const deep = (levels: number): Nest => (levels === 0 ? {} : { inner: deep(levels - 1) });
    expect(check(nest, deep(SHAPE_DEPTH_MAX))).toEqual(deep(SHAPE_DEPTH_MAX));
    expect(refusalOf(() => check(nest, deep(SHAPE_DEPTH_MAX + 1))).code).toBe("limit_exceeded");
  });

  it("tells that an object takes no field at all", () => {
    expect(refusalOf(() => check(object({}), { more: 1 })).detail).toEqual({
      path: "more",
      expected: "no field",
      found: '"more"',
    });
  });

  it("cuts a name that is too long to repeat", () => {
    const plain = "a".repeat(128);
    expect(refusalOf(() => check(leg, { [plain]: 1 }, "leg")).detail.path).toBe(`leg.${plain}`);
    const path = refusalOf(() => check(leg, { [`${plain}a`]: 1 }, "leg")).detail.path ?? "";
    expect(path).toBe(`leg["${"a".repeat(78)}…]`);
  });

  it("names the place in the caller's document", () => {
    expect(refusalOf(() => check(leg, {}, "legs[3]")).detail.path).toBe("legs[3].id");
  });
});

function refusalOf(run: () => unknown): RiskError {
  try {
    run();
  } catch (error) {
    if (error instanceof RiskError) return error;
    throw error;
  }
  throw new RiskError("invariant_broken", { expected: "a refusal", found: "none" });
}
