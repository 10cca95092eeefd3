/** The committed JSON Schemas are those of the shapes, and accept and refuse what the shapes do. */
import { readFileSync } from "node:fs";
import { Ajv2020, type AnySchema } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { check } from "../core/check.ts";
import { RiskError } from "../core/errors.ts";
import { offlineStatement } from "../core/margin/offline.ts";
import { parseBook } from "./book.ts";
import { presets } from "./presets.ts";
import { statementShape } from "./schema/statement.ts";
import { generatedFiles, schemas } from "./schemas.ts";
import { effectiveDocument, loadTerms, termsHash } from "./terms.ts";

const generated = schemas();
const validator = (name: string) => {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
  for (const keyword of ["x-unit", "x-tunable"]) ajv.addKeyword(keyword);
  return ajv.compile(generated[`${name}.schema.json`] as AnySchema);
};
const book = () => JSON.parse(readFileSync(new URL("./cases/book.json", import.meta.url), "utf8"));

/** The worked account; a coin numeraire takes one underlying, skew rows take no orders. */
function account(terms: string): unknown {
  const whole = book().account;
  const coin = terms === "deribit-pm";
  const held = (one: { instrument: string }) => !coin || one.instrument.startsWith("BTC");
  return {
    ...whole,
    positions: whole.positions.filter(held),
    openOrders: terms === "derive-pmrm2" ? [] : whole.openOrders,
  };
}

describe("the schemas", () => {
  it.each(Object.entries(generatedFiles()))("%s is committed as it is generated", (path, text) => {
    expect(readFileSync(new URL(`../${path}`, import.meta.url), "utf8")).toBe(text);
  });

  it.each(Object.entries(presets))(
    "accept the preset %s and its effective form",
    (name, preset) => {
      const accepts = validator("terms");
      expect(accepts(preset), JSON.stringify(accepts.errors)).toBe(true);
      const effective = JSON.parse(JSON.stringify(effectiveDocument(loadTerms(name))));
      expect(accepts(effective), JSON.stringify(accepts.errors)).toBe(true);
    },
  );

  it("accept the worked book", () => {
    const accepts = validator("book");
    expect(accepts(book()), JSON.stringify(accepts.errors)).toBe(true);
  });

  it.each([
    ["an unknown key", (b: Record<string, unknown>) => ({ ...b, more: 1 })],
    ["another version", (b: Record<string, unknown>) => ({ ...b, slidewire: "book/2" })],
    ["no account", ({ account: _account, ...b }: Record<string, unknown>) => b],
    ["a local time", (b: Record<string, unknown>) => ({ ...b, asOf: "2024-06-17T10:22:20" })],
  ])("refuse a book with %s", (_, change) => {
    expect(validator("book")(change(book()))).toBe(false);
  });

  it.each([
    ["a range out of bounds", { perUnderlying: { BTC: { scenarios: { slideRange: 0.95 } } } }],
    ["an unknown leaf", { perUnderlying: { BTC: { combine: { max: ["slide"] } } } }],
    ["a text for a number", { step: "0.01" }],
  ])("refuse terms with %s", (_, document) => {
    expect(validator("terms")(document)).toBe(false);
  });

  it.each(Object.keys(presets))("accept the statement of a book under %s", (name) => {
    const { book: parsed, terms } = parseBook(
      { ...book(), account: account(name) },
      { terms: name },
    );
    const { document, raw } = offlineStatement(parsed, terms, termsHash(terms));
    const sent = JSON.parse(JSON.stringify({ ...document, raw }));
    const accepts = validator("statement");
    expect(check(statementShape, sent).account).toBe("mm-1");
    expect(accepts(sent), JSON.stringify(accepts.errors)).toBe(true);
  });

  it("describe an error as every door tells it", () => {
    const accepts = validator("error");
    const { code, kind, ...rest } = new RiskError("out_of_bounds", {
      path: "a",
      expected: "b",
      found: "c",
    }).body();
    expect(accepts({ error: { code, kind, ...rest } }), JSON.stringify(accepts.errors)).toBe(true);
    expect(accepts({ error: { code: "OUT_OF_BOUNDS", kind } })).toBe(false);
  });
});
