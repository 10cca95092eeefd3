/**
 * Every field of a valid book and of valid terms, replaced by everything it should not be.
 *
 * Each replacement is refused with a typed error that says where, what was expected and what was
 * found, or stands in the table of acceptances: nothing is ever taken for something else in
 * silence.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isTree } from "../core/check.ts";
import { errorTable, RiskError } from "../core/errors.ts";
import { parseBook } from "./book.ts";
import { effectiveDocument, loadTerms } from "./terms.ts";

type Path = readonly (string | number)[];

const book: unknown = JSON.parse(
  readFileSync(new URL("./cases/book.json", import.meta.url), "utf8"),
);
const terms: unknown = effectiveDocument(
  loadTerms({
    extends: "slidewire",
    perUnderlying: {
      "*": {
        skew: { kStarMin: 0.01 },
        staticDiscount: {},
        charges: {
          basis: { up: 0.045, down: -0.045, add: 0.5, mult: 2 },
          perp: { initial: 0.02, maintenance: 0.015 },
          oracle: { threshold: 0.5, rate: 1 },
          peg: { currency: "USDC", threshold: 0.98, factor: 2 },
          deltaShock: { thresholdUsd: 1, increment: 0.1, max: 0.1 },
          minimumDelta: { net: 0.02, hedged: 0.01 },
          gamma: { hours: 24, multiplier: 2, dtDays: 1 },
          funding: { intervals: 1 },
          stableBasis: { tiers: [{ sizeUsd: 1e6, rate: 0.0075 }] },
        },
      },
      ETH: {
        vol: [
          {
            tenorTable: [
              { days: 1, up: 1, down: 0.5 },
              { days: 30, up: 0.5, down: 0.2 },
            ],
          },
        ],
      },
      SOL: {
        scenarios: { rows: [{ slide: -0.1, vol: 0.3 }] },
        regime: { mode: "scale" },
        liquidity: null,
      },
    },
    assetClasses: null,
    offsets: { groups: [{ members: ["BTC", "ETH"], credit: 0.5, beta: { BTC: 1.2 } }] },
    locations: { vault: { haircut: 0.1 } },
  }),
);

/** Paths of every member and item. */
function paths(value: unknown, at: Path = []): Path[] {
  const inner = Array.isArray(value)
    ? [...value.entries()]
    : isTree(value)
      ? Object.entries(value)
      : [];
  return inner.flatMap(([name, one]) => [[...at, name], ...paths(one, [...at, name])]);
}

function replaced(document: unknown, [name, ...rest]: Path, value: unknown): unknown {
  if (name === undefined) return value;
  if (Array.isArray(document)) {
    return document.map((item, i) => (i === name ? replaced(item, rest, value) : item));
  }
  const tree = document as Record<string, unknown>;
  const inner = replaced(tree[name], rest, value);
  if (inner !== undefined) return { ...tree, [name]: inner };
  return Object.fromEntries(Object.entries(tree).filter(([key]) => key !== name));
}

const values: readonly [string, unknown][] = [
  ["nothing", undefined],
  ["null", null],
  ["an object", {}],
  ["a list", []],
  ["true", true],
  ["NaN", Number.NaN],
  ["+∞", Number.POSITIVE_INFINITY],
  ["-∞", Number.NEGATIVE_INFINITY],
  ["-1", -1],
  ["1e308", 1e308],
  ["abc", "abc"],
  ["empty text", ""],
  ["a function", () => 1],
];

/** Names, without the ids between them, of the fields whose replacement was accepted. */
function accepted(
  document: unknown,
  value: unknown,
  load: (document: unknown) => unknown,
): string[] {
  const names = new Set<string>();
  for (const path of paths(document)) {
    try {
      load(replaced(document, path, value));
      names.add(generic(path));
    } catch (error) {
      expectTold(error, path);
    }
  }
  return [...names].sort();
}

function expectTold(error: unknown, path: Path): void {
  if (!(error instanceof RiskError)) throw error;
  const { expected, found } = error.detail;
  const told = { path: error.detail.path, expected, found };
  expect(told, `${error.code} for ${path.join("/")}`).toEqual({
    path: expect.stringMatching(/./),
    expected: expect.stringMatching(/./),
    found: expect.any(String),
  });
  expect(errorTable[error.code].kind, path.join("/")).not.toBe("fault");
}

const ids = new Set([
  "underlyings",
  "currencies",
  "grids",
  "instruments",
  "balances",
  "perUnderlying",
  "collateral",
  "locations",
  "beta",
  "riskArrays",
]);
const generic = (path: Path): string =>
  path
    .map((name, i) =>
      typeof name === "number" ? "[]" : i > 0 && ids.has(String(path[i - 1])) ? "*" : name,
    )
    .join(".")
    .replaceAll(".[]", "[]");

/** What a book takes for what it is; everything else is refused. */
const M = "market.";
const I = "market.instruments.*.";
const P = "account.positions[].";
const optional = [
  `${M}underlyings.*.confidence`,
  `${M}underlyings.*.assetClass`,
  `${M}currencies`,
  `${M}currencies.*.price`,
  `${M}currencies.*.peg`,
  `${M}currencies.*.confidence`,
  `${M}currencies.*.underlying`,
  `${M}grids`,
  `${M}grids.*.maintenance`,
  `${M}grids.*.volScale`,
  `${M}credits`,
  `${I}settlement`,
  `${I}settleCurrency`,
  `${I}mark`,
  `${I}vol`,
  `${I}forwardFixed`,
  `${I}rate`,
  `${I}fundingRate`,
  `${I}confidence`,
  `${I}forwardConfidence`,
  `${I}volConfidence`,
  `${I}rateConfidence`,
  `${I}quote`,
  `${I}modifiedDuration`,
  `${I}convexity`,
  `${I}expiry`,
  "account.mode",
  "account.balances",
  "account.balances.*.location",
  "account.balances.*[].location",
  "account.positions",
  "account.openOrders",
  "account.openOrders[].reduceOnly",
  "account.margins",
  "account.margins.openOrders",
  "account.margins.spot",
  "account.margins.mmp",
  `${P}entryPrice`,
  `${P}unrealisedPnl`,
  `${P}unrealisedFunding`,
];
const told = [`${M}grids.*.evidence`];

describe("a book's field", () => {
  const load = (document: unknown) => parseBook(document);
  const of = (name: string) => accepted(book, Object.fromEntries(values)[name], load);

  it("may be null only where it may be absent", () => {
    const absent = new Set(of("nothing"));
    const nulls = of("null").filter((name) => !told.some((one) => name.startsWith(one)));
    expect(nulls.filter((name) => !absent.has(name))).toEqual([]);
    // The currencies of the case are touched; forwardFixed stands on the forward.
    expect(optional.filter((name) => !nulls.includes(name))).toEqual([`${M}currencies`]);
  });

  it.each([
    "a list",
    "an object",
    "true",
    "NaN",
    "+∞",
    "-∞",
    "1e308",
    "-1",
    "abc",
    "empty text",
    "a function",
  ])("is %s only where that says something", (name) => {
    const known: Readonly<Record<string, readonly string[]>> = {
      "a list": [`${M}credits`, "account.positions", "account.openOrders"],
      "an object": [
        "terms",
        `${M}currencies.*`,
        `${M}grids`,
        // An array that lacks a row makes its leg incomplete.
        `${I}riskArrays`,
        "account.balances",
        "account.margins",
      ],
      true: ["account.openOrders[].reduceOnly"],
      "-1": [
        `${I}rate`,
        `${I}fundingRate`,
        `${I}convexity`,
        `${I}modifiedDuration`,
        `${I}riskArrays.*`,
        "account.balances.*",
        "account.balances.*.amount",
        "account.balances.*[].amount",
        `${P}quantity`,
        `${P}unrealisedPnl`,
        `${P}unrealisedFunding`,
      ],
      abc: [
        `${M}grids.*.state`,
        `${M}credits[].members[]`,
        `${M}currencies.*.underlying`,
        "account.id",
        "account.balances.*.location",
        "account.balances.*[].location",
      ],
    };
    const free = of(name).filter((one) => !told.some((prefix) => one.startsWith(prefix)));
    expect(free.filter((one) => !(known[name] ?? []).includes(one))).toEqual([]);
  });

  it("is refused beside an unknown key, wherever there are fields", () => {
    const inside = [[], ...paths(book)] as Path[];
    const open = new Set([
      ...told,
      `${M}underlyings`,
      `${M}currencies`,
      `${M}grids`,
      `${M}instruments`,
      "account.balances",
      `${I}riskArrays`,
    ]);
    for (const path of inside) {
      const here = path.reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], book);
      if (!isTree(here) || open.has(generic(path))) continue;
      const refused = () => parseBook(replaced(book, path, { ...here, unheardOf: 1 }));
      expect(refused, path.join("/")).toThrow(expect.objectContaining({ code: "unknown_key" }));
    }
  });
});

/** Whether a field's name ends with one of these words, or an item of such a list. */
const ending =
  (...words: readonly string[]) =>
  (name: string) =>
    words
      .join(" ")
      .split(" ")
      .some((word) => name.endsWith(word) || name.endsWith(`${word}[]`));

describe("a term", () => {
  const load = (document: unknown) => loadTerms(document);

  it("loads as the case stands", () => {
    expect(() => loadTerms(terms)).not.toThrow();
  });

  it.each(values)("replaced by %s is refused, or what the table says", (name, value) => {
    const names = accepted(terms, value, load);
    const numbers = ending(
      "slide dr Power rate dtDays up down volPoints vol Mult Add Base Cap Static Scale rateFloor",
      "beta.*",
    );
    const flags = ending(
      "perStrike inside discountOptions onlyPositive inScenarios initialAtLeastMaintenance",
      "entryPremium maximumLossCap mayHedge",
    );
    const allowed: Readonly<Record<string, (one: string) => boolean>> = {
      nothing: () => true,
      null: () => true,
      "an object": () => true,
      "a list": (one) => /(core|tiers|dtDays|dr|groups)$/.test(one),
      true: flags,
      "-1": numbers,
      abc: (one) => /^(name|version|source|numeraire)$|(peg\.currency|members\[\])$/.test(one),
      "empty text": (one) => one === "source",
    };
    expect(names.filter((one) => allowed[name]?.(one) !== true)).toEqual([]);
  });

  it("is refused beside an unknown key, wherever there are fields", () => {
    const open = new Set([
      "perUnderlying",
      "assetClasses",
      "collateral",
      "locations",
      "offsets.groups[].beta",
    ]);
    for (const path of [[], ...paths(terms)] as Path[]) {
      const here = path.reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], terms);
      if (!isTree(here) || open.has(generic(path))) continue;
      const refused = () => loadTerms(replaced(terms, path, { ...here, unheardOf: 1 }));
      expect(refused, path.join("/")).toThrow(expect.objectContaining({ code: "unknown_key" }));
    }
  });
});
