/**
 * Exact money: the ledger's amounts in BigInt at 1e-12, and the two doors between them and float64.
 *
 *      "1250.5" ──parseExact──▶ 1250500000000000n ──formatExact──▶ "1250.5"
 *      0.1 + 0.2 ──roundUp(·, 0.01)──▶ "0.31"        (it is more than 0.30, if only by 4e-17)
 *      0.3       ──roundUp(·, 0.01)──▶ "0.30"
 *
 * Way in: an amount is a decimal string of at most 15 digits and 12 decimals, tested before
 * anything parses it. A JSON number may be any finite double: it is taken at its shortest decimal
 * form, the one that every JSON writer prints, and in the ledger at the nearest 1e-12; nothing that
 * is not zero becomes zero.
 *
 * Way out: a figure is rounded once, requirements toward +∞, equity and credits toward -∞, to the
 * numeraire's step. The figure is read by its shortest decimal form here too. So a float64 that is
 * the nearest one to a multiple of the step *is* that multiple (100000.1 stays "100000.10" although
 * the double lies 6e-12 above), and one unit in the last place further already counts as beyond it.
 * For both directions Number(result) lies on the promised side of the figure, less than a step
 * away.
 */
import { Decimal } from "decimal.js";
import { RiskError, shown } from "./errors.ts";

/** Amounts are smaller than this, in any currency and in contracts. */
export const AMOUNT_MAX = 1e15;
export const AMOUNT_DECIMALS = 12;

const SCALE = 10n ** BigInt(AMOUNT_DECIMALS);
const AMOUNT = /^-?\d{1,15}(\.\d{1,12})?$/;
const DECIMAL = /^-?\d+(\.\d+)?$/;
const EXPECTED =
  "a decimal of at most 15 digits and 12 decimals, or a finite JSON number below 1e15";

/** 17 digits of a double at either end of its range need about 330 places. */
const Exact = Decimal.clone({ precision: 800, toExpNeg: -400, toExpPos: 400 });

/**
 * A decimal string as BigInt at 1e-12.
 *
 * @throws RiskError `wrong_type` (no decimal), `out_of_bounds` (too many digits)
 */
export function parseExact(text: string, path = ""): bigint {
  if (!AMOUNT.test(text)) {
    const code = DECIMAL.test(text) ? "out_of_bounds" : "wrong_type";
    throw new RiskError(code, { path, expected: EXPECTED, found: shown(text) });
  }
  const negative = text.startsWith("-");
  const [whole = "0", fraction = ""] = (negative ? text.slice(1) : text).split(".");
  const size = BigInt(whole) * SCALE + BigInt(fraction.padEnd(AMOUNT_DECIMALS, "0"));
  return negative ? -size : size;
}

/** Whether the ledger can hold `text` as it stands. */
export function isAmountText(text: string): boolean {
  return AMOUNT.test(text);
}

/** The shortest decimal string of an exact amount: no exponent, no trailing zero, no "-0". */
export function formatExact(amount: bigint): string {
  const size = amount < 0n ? -amount : amount;
  const fraction = (size % SCALE).toString().padStart(AMOUNT_DECIMALS, "0").replace(/0+$/, "");
  const whole = (size / SCALE).toString();
  return `${amount < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/**
 * An amount as a document or a request gives it, exact at 1e-12.
 *
 * @throws RiskError `wrong_type`, `not_finite`, or `out_of_bounds`: at least 1e15 in size, or a
 * number that is not zero and would become zero
 */
export function parseAmount(value: unknown, path = ""): bigint {
  if (typeof value === "string") return parseExact(value, path);
  const text = decimalText(value, path);
  const rounded = new Exact(text).toFixed(AMOUNT_DECIMALS, Decimal.ROUND_HALF_EVEN);
  if (value !== 0 && new Exact(rounded).isZero()) {
    throw new RiskError("out_of_bounds", { path, expected: "0, or at least 1e-12", found: text });
  }
  return parseExact(rounded, path);
}

/**
 * An amount as it stands in a book: a string in its shortest form, a JSON number with every digit
 * of its shortest form, so that `Number` of the answer has the bits that were given.
 *
 * @throws RiskError as `parseAmount`, save that no number is too small
 */
export function amountText(value: unknown, path = ""): string {
  return typeof value === "string"
    ? formatExact(parseExact(value, path))
    : decimalText(value, path);
}

/** The shortest decimal form of a finite number, written out without an exponent. */
function decimalText(value: unknown, path: string): string {
  if (typeof value !== "number") {
    throw new RiskError("wrong_type", { path, expected: EXPECTED, found: shown(value) });
  }
  if (!Number.isFinite(value)) {
    throw new RiskError("not_finite", { path, expected: EXPECTED, found: shown(value) });
  }
  if (Math.abs(value) >= AMOUNT_MAX) {
    throw new RiskError("out_of_bounds", { path, expected: EXPECTED, found: shown(value) });
  }
  return value === 0 ? "0" : new Exact(value).toFixed();
}

/** A requirement, rounded toward +∞ to a multiple of `step`; as many decimals as the step has. */
export function roundUp(figure: number, step: number): string {
  return rounded(figure, step, Decimal.ROUND_CEIL);
}

/** Equity or a credit, rounded toward -∞ to a multiple of `step`. */
export function roundDown(figure: number, step: number): string {
  return rounded(figure, step, Decimal.ROUND_FLOOR);
}

function rounded(figure: number, step: number, direction: Decimal.Rounding): string {
  if (!Number.isFinite(figure)) {
    throw new RiskError("risk_not_finite", { expected: "a finite figure", found: shown(figure) });
  }
  if (!(step > 0) || !Number.isFinite(step)) {
    throw new RiskError("out_of_bounds", { path: "step", expected: "above 0", found: shown(step) });
  }
  const unit = new Exact(step);
  const amount = new Exact(figure).toNearest(unit, direction);
  const text = amount.toFixed(unit.decimalPlaces());
  return amount.isZero() ? text.replace("-", "") : text;
}
