/** Pieces that several documents share: names, amounts, fractions, and their limits. */
import { assetClasses } from "../../core/instrument.ts";
import { AMOUNT_MAX } from "../../core/money.ts";
import { type Bounds, choice, either, number, type Shape, text } from "../../core/shape.ts";

/** Longest name of an account, instrument, underlying, currency or place. */
export const NAME_CHARACTERS_MAX = 64;

/** Printable ASCII without a space at either end. */
const NAME = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

export const nameText = (meaning?: string): Shape<string> =>
  text({
    max: NAME_CHARACTERS_MAX,
    pattern: NAME,
    form: `name of 1 to ${NAME_CHARACTERS_MAX} printable ASCII characters`,
    ...(meaning === undefined ? {} : { meaning }),
  });

/** Texts for people: sources, remarks. */
export const REMARK_CHARACTERS_MAX = 2_000;
export const remark = (meaning: string): Shape<string> =>
  text({ min: 0, max: REMARK_CHARACTERS_MAX, meaning });

export const assetClass = choice(assetClasses, {
  meaning: "Kind of market: which defaults and which regime parameters hold.",
});

/** A fraction with bounds: 0.16 is 16 %. */
export const fraction = (min: number, max: number, meaning: string, tunable?: Bounds) =>
  number({ min, max, unit: "fraction", meaning, ...(tunable === undefined ? {} : { tunable }) });

/** A number of days, of USD or of whatever `unit` says. */
export const measure = (unit: string, range: readonly [number, number], meaning: string) =>
  number({ min: range[0], max: range[1], unit, meaning });

/** Money and quantities: a JSON number, or a decimal string that keeps every digit. */
export const amount = (unit: string, meaning: string): Shape<number | string> =>
  either(
    [
      number({ min: -AMOUNT_MAX, max: AMOUNT_MAX, unit }),
      text({
        max: 29,
        pattern: /^-?\d{1,15}(\.\d{1,12})?$/,
        form: "decimal string of at most 15 digits and 12 decimals",
      }),
    ],
    { meaning },
  );
