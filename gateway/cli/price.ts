/**
 * `slidewire price FILE.ndjson|-`: one option a line in, its price and greeks a line out.
 *
 *      {"forward": 66010, "strike": 70000, "secondsToExpiry": 942000, "vol": 0.62, "right": "call"}
 *      {"price": …, "delta": …, "gamma": …, "vega": …, "theta": …, "rho": …, "vol": 0.62}
 *
 * `years` may stand for `secondsToExpiry`, and `price` for `vol`: then the vol is implied. A line
 * that is no option is answered by its error and its number, and the next one is read.
 */
import { check } from "../../core/check.ts";
import { RiskError } from "../../core/errors.ts";
import { rights } from "../../core/instrument.ts";
import { parseJson } from "../../core/parse-json.ts";
import { optionGreeks, type PricedGreeks } from "../../core/pricing/greeks.ts";
import { impliedVol } from "../../core/pricing/implied.ts";
import { PRICE_MAX, RATE_MAX, VOL_MAX, YEARS_MAX } from "../../core/pricing/option.ts";
import { SECONDS_PER_YEAR } from "../../core/scenario/risk-array.ts";
import {
  choice,
  number,
  object,
  optional,
  orNull,
  type TypeOf,
  withDefault,
} from "../../core/shape.ts";

/** Longest line that is read; a full one has about 150 characters. */
export const LINE_CHARACTERS_MAX = 4096;
const lineLimits = { charactersMax: LINE_CHARACTERS_MAX, depthMax: 4 };

const SECONDS_MAX = YEARS_MAX * SECONDS_PER_YEAR;

/** A number that may be left out; null says the same. */
const maybe = (notes: Parameters<typeof number>[0]) => orNull(optional(number(notes)));

/** One line of the input. Exactly one of vol and price, one of secondsToExpiry and years. */
export const optionLine = object({
  forward: number({ min: 0, max: PRICE_MAX, unit: "quote currency" }),
  strike: number({ min: 0, max: PRICE_MAX, unit: "quote currency" }),
  secondsToExpiry: maybe({ min: 0, max: SECONDS_MAX, unit: "seconds" }),
  years: maybe({ min: 0, max: YEARS_MAX, unit: "years of 365 days" }),
  vol: maybe({ min: 0, max: VOL_MAX, unit: "a year, as a fraction" }),
  price: maybe({ min: -PRICE_MAX, max: PRICE_MAX, unit: "quote currency, discounted" }),
  rate: orNull(
    withDefault(number({ min: -RATE_MAX, max: RATE_MAX, unit: "a year, continuous" }), 0),
  ),
  right: choice(rights),
});

type OptionLine = TypeOf<typeof optionLine>;

/**
 * One line of the output; vega and rho per 1.00, theta per year, delta and gamma by the forward.
 */
export interface OptionAnswer extends PricedGreeks {
  readonly vol: number;
}

/**
 * Answers every line in order; blank ones are counted and left out.
 *
 * @param write is given each answer, one line without its end
 * @returns the exit code: 0, or 2 when any line was bad
 */
export async function priceVerb(
  lines: AsyncIterable<string> | Iterable<string>,
  write: (line: string) => void,
): Promise<number> {
  let line = 0;
  let code = 0;
  for await (const text of lines) {
    line += 1;
    if (text.trim() === "") continue;
    try {
      write(JSON.stringify(priceLine(text)));
    } catch (error) {
      if (!(error instanceof RiskError) || error.kind === "fault") throw error;
      write(JSON.stringify({ error: error.body(), line }));
      code = 2;
    }
  }
  return code;
}

/** @throws RiskError naming the field, or what makes the text no JSON */
function priceLine(text: string): OptionAnswer {
  const given = check(optionLine, parseJson(text, lineLimits));
  const years = yearsOf(given);
  oneOf(given, "vol", "price");
  const { forward, strike, rate, right, price } = given;
  const terms = { forward, strike, years, rate, right };
  const vol = given.vol ?? impliedVol({ ...terms, price: price! });
  const greeks = optionGreeks({ ...terms, vol });
  return { ...greeks, price: price ?? greeks.price, vol };
}

function yearsOf(given: OptionLine): number {
  oneOf(given, "secondsToExpiry", "years");
  return given.years ?? given.secondsToExpiry! / SECONDS_PER_YEAR;
}

function oneOf(given: OptionLine, first: keyof OptionLine, second: keyof OptionLine): void {
  const both = given[first] !== undefined && given[second] !== undefined;
  const neither = given[first] === undefined && given[second] === undefined;
  if (!both && !neither) return;
  throw new RiskError(both ? "unsupported" : "missing_field", {
    path: both ? second : first,
    expected: `either ${first} or ${second}`,
    found: both ? "both" : "neither",
  });
}
