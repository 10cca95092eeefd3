/** Tests of tuned parameters: each has its bounds and both ends of them are taken. */
import { describe, expect, it } from "vitest";
import { assetClasses } from "../core/instrument.ts";
import { termAt } from "../regime/index.ts";
import { regimeTerms } from "./regime.ts";
import { broughtBack, regimeTunables, tunedRegime } from "./regime-tuning.ts";

const crypto = regimeTerms("crypto");
const ladder = { step: 0.02, max: 0.5 };
/** Ends that another parameter of the class contradicts. */
const contradicted = new Set(["range.min 0.3", "range.max 0.88", "range.min 0.005"]);

const ends = regimeTunables.flatMap(({ path, min, max, all }) =>
  [...(all ?? [min!, max!])].map((end) => [path, end] as const),
);

describe("a tuned regime", () => {
  it.each(ends.filter(([path, end]) => !contradicted.has(`${path} ${end}`)))(
    "takes %s = %s, the end of its bounds",
    (path, end) => {
      if (termAt(crypto, path) === end) return;
      const { terms, changes } = tunedRegime(crypto, { [path]: end }, undefined);
      expect(termAt(terms, path)).toBe(end);
      expect(changes).toEqual([{ path, before: termAt(crypto, path), after: end }]);
    },
  );

  it.each(
    regimeTunables.flatMap(({ path, min, max }) =>
      min === null ? [] : [min - 0.001, max! + 0.001].map((value) => [path, value] as const),
    ),
  )("refuses %s = %s, just outside", (path, value) => {
    expect(() => tunedRegime(crypto, { [path]: value }, undefined)).toThrow(/out_of_bounds/);
  });

  it.each([
    ["an unknown path", { "scale.width": 1 }, "unknown_key"],
    ["a fixed term", { noticeMs: 1 }, "unknown_key"],
    ["a word for a number", { coverage: "high" }, "wrong_type"],
    ["a mode that is none", { "level.mode": "pot" }, "unknown_value"],
    ["no number", { coverage: Number.NaN }, "not_finite"],
    ["what it has already", { coverage: 0.995 }, "missing_field"],
    ["nothing", {}, "missing_field"],
    ["a cap beyond the ladder", { "range.max": 0.49 }, "out_of_bounds"],
    ["a floor below the class's", { "range.min": 0.01 }, "terms_invalid"],
    ["a floor above the prior", { "range.min": 0.3 }, "terms_invalid"],
  ])("refuses %s", (_, wishes, code) => {
    expect(() => tunedRegime(crypto, wishes as never, ladder)).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it.each(assetClasses)("of %s can be turned at all", (assetClass) => {
    const terms = regimeTerms(assetClass);
    expect(tunedRegime(terms, { "publisher.downPerDay": 0.05 }, ladder).changes).toHaveLength(1);
  });

  it("is brought back over several changes of one parameter", () => {
    const first = tunedRegime(crypto, { coverage: 0.99, "scale.damping": 0.5 }, ladder);
    const second = tunedRegime(first.terms, { coverage: 0.999 }, ladder);
    const back = broughtBack(second.terms, [...first.changes, ...second.changes]);
    expect(back).toEqual([
      { path: "coverage", before: 0.999, after: 0.995 },
      { path: "scale.damping", before: 0.5, after: 0.35 },
    ]);
  });
});
