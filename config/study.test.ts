/** A study answers as its published schema says, and as any reader of JSON Schema will see it. */
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { check } from "../core/check.ts";
import { study, studyDocument } from "../regime/index.ts";
import { regimeTerms } from "./regime.ts";
import { studyShape } from "./schema/study.ts";
import { schemas } from "./schemas.ts";

const HOUR_MS = 3_600_000;

/** A sawtooth with a trend: two years of two-hour bars. */
const bars = Array.from({ length: 24 * 365 }, (_, i) => {
  const price = (at: number) => 100 + 5 * Math.sin(at / 7) + 3 * Math.sin(at / 101);
  const [open, close] = [price(i), price(i + 1)];
  const [high, low] = [Math.max(open, close) + 0.5, Math.min(open, close) - 0.5];
  return { openMs: Date.UTC(2020, 0, 1) + 2 * HOUR_MS * i, open, high, low, close };
});

describe("a study document", () => {
  const document = JSON.parse(
    JSON.stringify(studyDocument(study({ bars, terms: regimeTerms("crypto") }))),
  );

  it("has the shape that the doors name", () => {
    expect(check(studyShape, document)).toMatchObject({ slidewire: "study/1" });
  });

  it("is accepted by its published schema, which refuses a row without exceedances", () => {
    const accepts = new Ajv2020({ strict: false }).compile(schemas()["study.schema.json"]!);
    expect([accepts(document), accepts.errors]).toEqual([true, null]);
    const broken = { ...document, rows: [{ ...document.rows[0], x: undefined }] };
    expect(accepts(JSON.parse(JSON.stringify(broken)))).toBe(false);
  });
});
