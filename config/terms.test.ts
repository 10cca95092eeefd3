/** Terms merge in the promised order, inherit nothing when told so, and hash to what they mean. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { chargeNames, type Terms, termsOf } from "../core/terms.ts";
import { presets } from "./presets.ts";
import { effectiveDocument, loadTerms, termsHash } from "./terms.ts";

const bare = { slidewire: "terms/1", extends: null };
/** Terms with one underlying block, inheriting nothing. */
const only = (star: object, rest: object = {}) => ({
  ...bare,
  perUnderlying: { "*": star },
  ...rest,
});
const star = (document: unknown) => loadTerms(document).perUnderlying["*"]!;

describe("a document that inherits nothing", () => {
  const { scenarios, vol, charges, combine, factors, ...rest } = star(bare);

  it("has no rows, no charges and factors of 1", () => {
    expect(scenarios.recipe).toBe("none");
    expect(scenarios).toMatchObject({ tails: null, rows: null, cross: { dtDays: [], dr: [] } });
    const { openOrders, ...others } = charges;
    expect(Object.values(others).every((charge) => charge === null)).toBe(true);
    expect(factors).toEqual({ initial: 1, maintenance: 1 });
    expect(combine).toEqual({
      sum: [{ max: ["slides", "tails", "theta", "rates", "skew"] }, "charges"],
    });
  });

  it.each([
    ["counts open orders towards the initial stage by silence", undefined, 1],
    ["counts them also where the charges say nothing of them", {}, 1],
    ["counts them not where they are null", { openOrders: null }, 0],
  ])("%s", (_, charges, initial) => {
    const { openOrders } = star({
      ...bare,
      perUnderlying: { "*": charges === undefined ? {} : { charges } },
    }).charges;
    expect(openOrders).toEqual({ initial, maintenance: 0, method: "subsets" });
  });

  it("moves no vol", () => {
    expect(vol).toHaveLength(1);
    expect(vol[0]).toMatchObject({ up: 0, down: 0, shortPower: 0, longPower: 0, minShockedVol: 0 });
  });

  it("leaves every other block off", () => {
    expect(rest).toEqual({
      skew: null,
      staticDiscount: null,
      settlementAveragingSeconds: 0,
      discountOptions: true,
      rateFloor: null,
      conversion: "shocked",
      gains: "count",
      lossDecimals: null,
      liquidity: null,
      regime: { assetClass: "crypto", mode: "off" },
    });
    const { initialAtLeastMaintenance, collateral, standard, liquidation, step, status } =
      loadTerms(bare);
    expect({ initialAtLeastMaintenance, standard, liquidation, step, status }).toEqual({
      initialAtLeastMaintenance: false,
      standard: null,
      liquidation: null,
      step: 0.01,
      status: { callAt: 0.9 },
    });
    expect(collateral["*"]).toMatchObject({ initialHaircut: 0, maintenanceHaircut: 0, tiers: [] });
  });

  it.each([
    ["slidePoints", { slideRange: 0.2, slidePoints: 5 }, "points"],
    ["a ladder", { slideRange: 0.2, ladder: { step: 0.02, max: 0.5 } }, "ladder"],
    ["both", { slideRange: 0.2, slidePoints: 5, ladder: {} }, "points"],
    ["rows", { rows: [{ slide: -0.1 }] }, "none"],
    ["nothing", {}, "none"],
  ])("takes its recipe from %s", (_, given, recipe) => {
    expect(star(only({ scenarios: given })).scenarios.recipe).toBe(recipe);
  });

  it("completes a row", () => {
    expect(star(only({ scenarios: { rows: [{ slide: -0.1 }] } })).scenarios.rows).toEqual([
      { slide: -0.1, vol: "flat", volPoints: 0, skew: null, weight: 1, dtDays: 0, dr: 0 },
    ]);
  });
});

describe("merging", () => {
  const parent = {
    ...bare,
    perUnderlying: {
      "*": {
        factors: { initial: 1, maintenance: 0.5 },
        charges: { perp: { initial: 0.02, maintenance: 0.01 } },
      },
      BTC: { factors: { initial: 2 } },
    },
    collateral: { "*": { initialHaircut: 0.2 }, BTC: { initialHaircut: 0.1 }, USD: {} },
  };
  const child = (perUnderlying: object, rest: object = {}) =>
    loadTerms({ extends: "parent.json", perUnderlying, ...rest }, { from: folder });
  const folder = mkdtempSync(join(tmpdir(), "slidewire-terms-"));
  writeFileSync(join(folder, "parent.json"), JSON.stringify(parent));
  afterAll(() => rmSync(folder, { recursive: true }));
  const initial = (terms: Terms, id: string) => termsOf(terms, id, "crypto").factors.initial;

  it.each([
    //  child,                                                    BTC, ETH
    ["an empty child", {}, 2, 1],
    ["{} changes nothing", { "*": {}, BTC: { factors: {} } }, 2, 1],
    ["a child's * reaches what the parent said of BTC", { "*": { factors: { initial: 3 } } }, 3, 3],
    [
      "a child's BTC comes last",
      { "*": { factors: { initial: 3 } }, BTC: { factors: { initial: 4 } } },
      4,
      3,
    ],
    ["null removes a term, back to off", { BTC: { factors: { initial: null } } }, 1, 1],
    ["null removes a name, back to *", { BTC: null }, 1, 1],
    ["a name that the parent did not know", { ETH: { factors: { initial: 5 } } }, 2, 5],
  ])("%s", (_, patch, btc, eth) => {
    const terms = child(patch);
    expect([initial(terms, "BTC"), initial(terms, "ETH")]).toEqual([btc, eth]);
    expect(termsOf(terms, "BTC", "crypto").factors.maintenance).toBe(0.5);
  });

  it("replaces lists and removes charges", () => {
    const terms = child({ "*": { charges: { perp: null }, scenarios: { core: ["flat"] } } });
    expect(terms.perUnderlying["*"]!.charges.perp).toBeNull();
    expect(terms.perUnderlying["BTC"]!.scenarios.core).toEqual(["flat"]);
  });

  it("replaces one node of combine by another kind, with or without null", () => {
    for (const combine of [
      { max: ["slides", "charges"] },
      { sum: null, max: ["slides", "charges"] },
    ]) {
      expect(child({ "*": { combine } }).perUnderlying["*"]!.combine).toEqual({
        max: ["slides", "charges"],
      });
    }
  });

  it("gives a currency what * says, then its own", () => {
    const { collateral } = child({}, { collateral: { "*": { maintenanceHaircut: 0.3 } } });
    expect(collateral["BTC"]).toMatchObject({ initialHaircut: 0.1, maintenanceHaircut: 0.3 });
    expect(collateral["USD"]).toMatchObject({ initialHaircut: 0.2, maintenanceHaircut: 0.3 });
  });

  it("does not hand on a name, a version or a source", () => {
    const terms = loadTerms({ extends: "slidewire" });
    expect([terms.name, terms.version, terms.source]).toEqual(["inline", "0", ""]);
  });

  it("starts from the default terms where nothing is said", () => {
    expect(termsHash(loadTerms({ name: "a" }))).toBe(
      termsHash(loadTerms({ name: "a", extends: "slidewire" })),
    );
  });

  it("finds a chain of files, each from its own folder", () => {
    writeFileSync(
      join(folder, "child.json"),
      JSON.stringify({ extends: "parent.json", step: 0.5 }),
    );
    const terms = loadTerms("child.json", { from: folder });
    expect([terms.step, initial(terms, "BTC")]).toEqual([0.5, 2]);
  });

  it("refuses a circle", () => {
    writeFileSync(join(folder, "loop.json"), JSON.stringify({ extends: "loop.json" }));
    expect(() => loadTerms("loop.json", { from: folder })).toThrow(
      expect.objectContaining({ code: "limit_exceeded" }),
    );
  });

  it.each([
    ["no-such-preset", {}],
    ["parent.json", {}],
    [join(folder, "parent.json"), {}],
    ["nowhere.json", { from: folder }],
    ["constructor", {}],
    ["__proto__", { from: folder }],
    [{ extends: join(folder, "parent.json") }, {}],
  ])("does not find %j with %j", (ref, options) => {
    expect(() => loadTerms(ref, options)).toThrow(
      expect.objectContaining({ code: "unknown_terms" }),
    );
  });
});

describe("asset classes", () => {
  const parent = {
    ...bare,
    perUnderlying: { "*": { factors: { initial: 1 } }, SPX: { factors: { maintenance: 0.7 } } },
    assetClasses: {
      index: { "*": { factors: { initial: 2 } }, NDX: { factors: { initial: 3 } } },
    },
  };
  const of = (terms: Terms, id: string, assetClass: "crypto" | "index") =>
    termsOf(terms, id, assetClass).factors;

  it.each([
    //  id, class, initial, maintenance
    ["BTC", "crypto", 1, 1],
    ["SPX", "crypto", 1, 0.7],
    ["NDX", "crypto", 1, 1],
    ["RUT", "index", 2, 1],
    ["SPX", "index", 2, 0.7],
    ["NDX", "index", 3, 1],
  ] as const)(
    "%s as %s has initial %d and maintenance %d",
    (id, assetClass, initial, maintenance) => {
      expect(of(loadTerms(parent), id, assetClass)).toEqual({ initial, maintenance });
    },
  );

  it("let a book's own terms of an underlying stand on its class", () => {
    const terms = loadTerms({
      extends: "slidewire",
      perUnderlying: { SPX: { charges: { roll: null } } },
    });
    const { charges, scenarios } = termsOf(terms, "SPX", "index");
    expect([charges.roll, scenarios.slideRange]).toEqual([null, 0.1]);
    expect(termsOf(terms, "SPX", "crypto").scenarios.slideRange).toBe(0.3);
  });

  it("bow to a child's *", () => {
    const terms = loadTerms({
      extends: "slidewire",
      perUnderlying: { "*": { scenarios: { slideRange: 0.25 } } },
    });
    expect(termsOf(terms, "SPX", "index").scenarios.slideRange).toBe(0.25);
    expect(termsOf(terms, "BTC", "crypto").scenarios.slideRange).toBe(0.25);
  });
});

describe("effective terms", () => {
  const documents: readonly [string, unknown][] = [
    ...Object.keys(presets).map((name): [string, unknown] => [name, name]),
    ["nothing", bare],
    [
      "a child that names and removes",
      {
        extends: "slidewire",
        name: "child",
        perUnderlying: {
          "*": { scenarios: { tails: null } },
          BTC: { scenarios: { tails: { moves: [-0.5] } }, charges: { roll: null } },
          SPX: { vol: [{ up: 1 }, { kind: "absolute", up: 0.1 }], combine: { max: ["slides"] } },
        },
        assetClasses: { index: { SPX: { factors: { initial: 2 } } }, fx: null },
        collateral: { "*": { initialHaircut: 0.5 }, BTC: null },
      },
    ],
  ];

  it.each(documents)("of %s load back to themselves", (_, ref) => {
    const terms = loadTerms(ref);
    const again = loadTerms(JSON.parse(JSON.stringify(effectiveDocument(terms))));
    expect(again).toEqual(terms);
    expect(termsHash(again)).toBe(termsHash(terms));
  });

  it("hash alike whatever the order of keys", () => {
    const turned = (value: unknown): unknown =>
      value !== null && typeof value === "object" && !Array.isArray(value)
        ? Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([k, v]) => [k, turned(v)]),
          )
        : value;
    expect(termsHash(loadTerms(turned(presets["slidewire"])))).toBe(
      termsHash(loadTerms("slidewire")),
    );
  });

  it("hash apart when any figure differs", () => {
    const hashes = [
      only({}),
      only({ factors: { initial: 1.0000000000000002 } }),
      only({}, { step: 0.001 }),
      only({}, { name: "b" }),
      only({}, { version: "2" }),
      only({}, { source: "x" }),
      only({ charges: { perp: { initial: 0, maintenance: 0 } } }),
    ].map((document) => termsHash(loadTerms(document)));
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(hashes.every((hash) => /^[0-9a-f]{64}$/.test(hash))).toBe(true);
  });
});

describe("presets", () => {
  it.each(Object.entries(presets))("%s names itself, its source and its gaps", (name, preset) => {
    const document = preset as { notReproduced: string[]; asOf: string; extends: unknown };
    const terms = loadTerms(name);
    expect(terms.name).toBe(name);
    expect(terms.source.length).toBeGreaterThan(20);
    expect(document.extends).toBeNull();
    expect(document.asOf).toMatch(/^\d{4}/);
    expect(document.notReproduced.length > 0 || name === "slidewire").toBe(true);
  });

  it("of venues never let the regime move them", () => {
    const modes = Object.keys(presets).map((name) => [
      name,
      loadTerms(name).perUnderlying["*"]!.regime.mode,
    ]);
    expect(Object.fromEntries(modes)).toEqual({
      slidewire: "replace",
      "deribit-pm": "off",
      "paradex-pm": "off",
      span16: "off",
      tims: "off",
      "derive-pmrm2": "off",
    });
  });

  it.each([
    ["paradex-pm", 24],
    ["span16", 16],
    ["tims", 10],
    ["derive-pmrm2", 33],
  ])("%s has %d rows", (name, count) => {
    expect(star(name).scenarios.rows).toHaveLength(count);
  });

  it("of slidewire range from 10 to 30 % by class", () => {
    const terms = loadTerms("slidewire");
    const range = (id: string, assetClass: Parameters<typeof termsOf>[2]) =>
      termsOf(terms, id, assetClass).scenarios.slideRange;
    expect([range("BTC", "crypto"), range("ETH", "crypto"), range("DOGE", "crypto")]).toEqual([
      0.2, 0.24, 0.3,
    ]);
    expect([range("X", "equity"), range("X", "index"), range("X", "bond")]).toEqual([
      0.15, 0.1, 0.1,
    ]);
    expect([range("X", "fx"), range("X", "commodity"), range("X", "stable")]).toEqual([
      0.1, 0.2, 0.12,
    ]);
  });
});

it("knows every charge by name", () => {
  const apart = ["minimumPerContract", "size"];
  const blocks = Object.keys(star(bare).charges);
  expect(
    [...blocks.filter((name) => name !== "peg" && name !== "openOrders"), ...apart].sort(),
  ).toEqual([...chargeNames].sort());
});
