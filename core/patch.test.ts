/** Merge Patch as RFC 7396 tables it, and differences that undo nothing. */
import { describe, expect, it } from "vitest";
import { check } from "./check.ts";
import { differences, merge, patchOf } from "./patch.ts";
import {
  choice,
  either,
  list,
  map,
  named,
  nullable,
  number,
  object,
  type Shape,
  text,
  withDefault,
} from "./shape.ts";

describe("merge", () => {
  it.each([
    // The examples of RFC 7396, appendix A.
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [
      ["a", "b"],
      ["c", "d"],
      ["c", "d"],
    ],
    [{ a: "b" }, ["c"], ["c"]],
    [{ a: "foo" }, null, null],
    [{ a: "foo" }, "bar", "bar"],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    [{ a: { b: 1 } }, {}, { a: { b: 1 } }],
    [{ a: { b: 1 } }, { a: {} }, { a: { b: 1 } }],
  ])("of %j with %j is %j", (target, patch, result) => {
    const before = JSON.stringify([target, patch]);
    expect(merge(target, patch)).toEqual(result);
    expect(JSON.stringify([target, patch])).toBe(before);
  });
});

describe("differences", () => {
  it.each([
    [
      { a: 1, b: 2 },
      { a: 1, b: 3 },
    ],
    [{ a: 1 }, { b: 1 }],
    [{ a: { b: 1, c: 2 } }, { a: { b: 1 } }],
    [{ a: [1, 2] }, { a: [2, 1] }],
    [{ a: { b: 1 } }, { a: 5 }],
    [{ a: 5 }, { a: { b: 1 } }],
    [{ a: { b: { c: 1 } } }, { a: { b: { c: 1 } } }],
  ])("turn %j into %j", (base, target) => {
    expect(merge(base, differences(base, target))).toEqual(target);
  });

  it("are none between equal documents, and no more than needed", () => {
    expect(differences({ a: { b: [1] } }, { a: { b: [1] } })).toEqual({});
    expect(differences({ a: { b: 1, c: 2 }, d: 3 }, { a: { b: 1, c: 4 }, d: 3 })).toEqual({
      a: { c: 4 },
    });
  });
});

describe("the shape of a patch", () => {
  type Node = "leaf" | { readonly max: readonly Node[] } | { readonly sum: readonly Node[] };
  const node: Shape<Node> = named("node", (): Shape<Node> => {
    const branch = list(node, { min: 1, max: 3 });
    return either([choice(["leaf"]), object({ max: branch }), object({ sum: branch })]);
  });
  const whole = object({
    a: number({ min: 0, max: 1 }),
    b: withDefault(nullable(object({ c: text({ max: 2 }) })), null),
    m: withDefault(
      map(text({ max: 3 }), object({ c: number({ min: 0, max: 1 }) }), { max: 2 }),
      {},
    ),
    node: withDefault(node, "leaf"),
  });
  const patch = patchOf(whole, { extra: text({ max: 5 }) });

  it.each([
    [{ extra: "x" }],
    [{ extra: "x", a: null }],
    [{ extra: "x", b: {} }],
    [{ extra: "x", b: { c: null } }],
    [{ extra: "x", m: { k: null, l: { c: null } } }],
    [{ extra: "x", node: { sum: null, max: ["leaf", { sum: ["leaf"] }] } }],
  ])("accepts %j as it stands, without filling defaults", (document) => {
    expect(check(patch, document)).toEqual(document);
  });

  it.each([
    [{ extra: "x", z: 1 }, "unknown_key", "z"],
    [{ extra: "x", b: { z: 1 } }, "unknown_key", "b.z"],
    [{ extra: "x", a: 2 }, "out_of_bounds", "a"],
    [{ extra: "x", m: { k: { c: "1" } } }, "wrong_type", "m.k.c"],
    [{ extra: "x", node: { max: ["twig"] } }, "unknown_value", "node.max[0]"],
    [{ a: 1 }, "missing_field", "extra"],
  ])("refuses %j with %s at %s", (document, code, path) => {
    expect(() => check(patch, document)).toThrow(
      expect.objectContaining({ code, detail: expect.objectContaining({ path }) }),
    );
  });
});
