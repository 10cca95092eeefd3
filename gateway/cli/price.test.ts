/** The price door: what a line may say, what it answers, and that a bad one stops nothing. */
import { describe, expect, it } from "vitest";
import grid from "../../core/cases/options-black76.json" with { type: "json" };
import implied from "../../core/cases/options-implied.json" with { type: "json" };
import { LINE_CHARACTERS_MAX, priceVerb } from "./price.ts";

const option = { forward: 100, strike: 90, years: 0.5, vol: 0.6, rate: 0.02, right: "call" };

async function answers(...lines: unknown[]): Promise<{ code: number; out: readonly Answer[] }> {
  const out: Answer[] = [];
  const texts = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
  const code = await priceVerb(texts, (line) => out.push(JSON.parse(line) as Answer));
  return { code, out };
}

type Answer = Record<string, number> & {
  readonly error?: { readonly code: string; readonly kind: string; readonly path?: string };
};

describe("priceVerb", () => {
  it("answers price, greeks and vol, in this order", async () => {
    const { code, out } = await answers(option);
    expect(code).toBe(0);
    const names = ["price", "delta", "gamma", "vega", "theta", "rho", "vol"];
    expect(Object.keys(out[0]!)).toEqual(names);
    expect(out[0]!["vol"]).toBe(0.6);
  });

  it("prices the grid of 60, by seconds to expiry, with every greek to 1e-12", async () => {
    const { out } = await answers(
      ...grid.cases.map(({ forward, strike, secondsToExpiry, vol, rate, right }) => ({
        ...{ forward, strike, secondsToExpiry, vol, rate, right },
      })),
    );
    expect(out.length).toBe(60);
    grid.cases.forEach((row, i) => {
      for (const name of ["price", "delta", "gamma", "vega", "theta", "rho"] as const) {
        expect(Math.abs(out[i]![name]! - row[name]), `${row.id} ${name}`).toBeLessThanOrEqual(
          1e-12 * Math.abs(row[name]),
        );
      }
    });
  });

  it("implies the vol of a price, and repeats the price as it was given", async () => {
    const rows = implied.cases.filter(({ attainable }) => attainable < 1e-13);
    const { code, out } = await answers(
      ...rows.map(({ forward, strike, years, rate, right, price }) => ({
        ...{ forward, strike, years, rate, right, price },
      })),
    );
    expect(code).toBe(0);
    rows.forEach((row, i) => {
      expect(out[i]!["price"]).toBe(row.price);
      expect(Math.abs(out[i]!["vol"]! / row.vol - 1)).toBeLessThanOrEqual(1e-12);
    });
  });

  it("takes 0 for a rate that is absent, and years of 365 days", async () => {
    const { rate: _, years: __, ...rest } = option;
    const { out } = await answers(
      { ...rest, secondsToExpiry: 15_768_000 },
      { ...rest, rate: 0, years: 0.5 },
    );
    expect(out[0]).toEqual(out[1]);
  });

  it("reads null as absent", async () => {
    const { out } = await answers(option, { ...option, price: null, secondsToExpiry: null });
    expect(out[1]).toEqual(out[0]);
  });

  it("counts blank lines, answers bad ones by number and goes on", async () => {
    const { code, out } = await answers(option, "", "{", "   ", { ...option, vol: -1 }, option);
    expect(code).toBe(2);
    expect(out.map(({ line }) => line)).toEqual([undefined, 3, 5, undefined]);
    expect(out[3]).toEqual(out[0]);
  });

  it("reads lines as they come", async () => {
    async function* lines() {
      yield JSON.stringify(option);
      yield "not an option";
    }
    const out: string[] = [];
    expect(await priceVerb(lines(), (line) => out.push(line))).toBe(2);
    expect(out.length).toBe(2);
    expect(out.join("")).not.toContain("\n");
  });

  it("answers nothing to nothing", async () => {
    expect(await answers()).toEqual({ code: 0, out: [] });
  });

  it.each([
    ["text that is no JSON", "forward=100", "malformed_json", undefined],
    ["NaN, which JSON has not", '{"forward": NaN}', "malformed_json", undefined],
    ["a list", [1, 2], "wrong_type", ""],
    ["null", null, "wrong_type", ""],
    ["an endless line", `${" ".repeat(LINE_CHARACTERS_MAX)}{}`, "limit_exceeded", undefined],
    ["an unknown key", { ...option, volatility: 0.6 }, "unknown_key", "volatility"],
    ["__proto__", '{"__proto__": {"forward": 1}}', "unknown_key", "__proto__"],
    ["a key twice", '{"forward": 1, "forward": 2}', "unknown_key", "forward"],
    ["no forward", { ...option, forward: undefined }, "missing_field", "forward"],
    ["no right", { ...option, right: undefined }, "missing_field", "right"],
    ["neither vol nor price", { ...option, vol: undefined }, "missing_field", "vol"],
    ["both vol and price", { ...option, price: 12 }, "unsupported", "price"],
    [
      "neither years nor seconds",
      { ...option, years: undefined },
      "missing_field",
      "secondsToExpiry",
    ],
    ["both years and seconds", { ...option, secondsToExpiry: 1 }, "unsupported", "years"],
    ["a number as text", { ...option, forward: "100" }, "wrong_type", "forward"],
    ["null for a forward", { ...option, forward: null }, "wrong_type", "forward"],
    ["null for vol and price", { ...option, vol: null, price: null }, "missing_field", "vol"],
    ["a negative forward", { ...option, forward: -1 }, "out_of_bounds", "forward"],
    ["a negative strike", { ...option, strike: -1 }, "out_of_bounds", "strike"],
    ["negative time", { ...option, years: -1e-9 }, "out_of_bounds", "years"],
    ["a negative vol", { ...option, vol: -0.1 }, "out_of_bounds", "vol"],
    ["a vol of 1e308", { ...option, vol: 1e308 }, "out_of_bounds", "vol"],
    ["a rate of 1e308", { ...option, rate: -1e308 }, "out_of_bounds", "rate"],
    ["a forward past float64", '{"forward": 1e999}', "not_finite", "forward"],
    ["a right in capitals", { ...option, right: "CALL" }, "unknown_value", "right"],
    ["a right that is a number", { ...option, right: 1 }, "wrong_type", "right"],
    [
      "a price no vol gives",
      { ...option, vol: undefined, price: 101 },
      "price_out_of_bounds",
      "price",
    ],
    ["a negative price", { ...option, vol: undefined, price: -1 }, "price_out_of_bounds", "price"],
    [
      "a vol past its limit",
      { ...option, vol: undefined, years: 1e-14, price: 20 },
      "price_out_of_bounds",
      "price",
    ],
    ["a discount past float64", { ...option, rate: -100, years: 10 }, "not_finite", "price"],
    [
      "a gamma past float64",
      { ...option, forward: 1e-160, strike: 1e-160, vol: 1e-150 },
      "not_finite",
      "gamma",
    ],
  ])("refuses %s", async (_, line, expected, path) => {
    const { code, out } = await answers(line);
    expect(code).toBe(2);
    expect(out[0]!.line).toBe(1);
    expect(out[0]!.error!.code).toBe(expected);
    expect(out[0]!.error!.kind).toBe("client");
    if (path !== undefined) expect(out[0]!.error!.path).toBe(path);
  });

  it.each([
    ["no vol", { vol: 0 }],
    ["no time", { years: 0 }],
    ["strike 0", { strike: 0 }],
    ["forward 0", { forward: 0 }],
    ["800 %", { vol: 8, years: 4.5 }],
    ["the largest forward and strike", { forward: 1e308, strike: 1e308, vol: 1e-3, years: 1e-3 }],
    ["the intrinsic value as price", { vol: undefined, price: 10, rate: 0 }],
  ])("answers finite figures at %s", async (_, change) => {
    const { code, out } = await answers({ ...option, ...change });
    expect(code, JSON.stringify(out)).toBe(0);
    for (const [name, value] of Object.entries(out[0]!)) {
      expect(Number.isFinite(value), name).toBe(true);
    }
  });
});
