/**
 * The door out: amounts of a statement as decimal strings, rounded once and against the account.
 *
 * What must be held goes up, what is held goes down, to the numeraire's step. Ratios, greeks,
 * prices and rows are no amounts and stay as they are; `explain` stays unrounded, so that it still
 * adds up, and gets a last line that says what rounding did.
 */
import { roundDown, roundUp } from "../money.ts";
import type { ExplainLine } from "./explain.ts";
import type { Tree } from "./statement.ts";

type Direction = (figure: number, step: number) => string;

/** Names of amounts, wherever they stand, and which way they are rounded. */
const directions: Readonly<Record<string, Direction>> = {
  initialMargin: roundUp,
  maintenanceMargin: roundUp,
  capital: roundUp,
  scanningRisk: roundUp,
  charges: roundUp,
  standaloneSum: roundUp,
  loss: roundUp,
  requirement: roundUp,
  equity: roundDown,
  collateralValue: roundDown,
  collateral: roundDown,
  spotValue: roundDown,
  bondValue: roundDown,
  optionValue: roundDown,
  unrealisedPnl: roundDown,
  unrealisedFunding: roundDown,
  markResidual: roundDown,
  headroom: roundDown,
  net: roundDown,
  scenarioPnl: roundDown,
};

/** Parts of a statement that hold no amounts. */
const untouched: ReadonlySet<string> = new Set([
  "terms",
  "grids",
  "confidence",
  "greeks",
  "marks",
  "worst",
  "liquidationPrice",
  "explain",
  "missing",
]);

/** The statement document: amounts as decimal strings. @param step of the numeraire, > 0 */
export function statementDocument(statement: Tree, step: number): Tree {
  const document = { ...(rounded(statement, step, undefined) as Tree) };
  const lines = statement["explain"] as readonly ExplainLine[] | undefined;
  if (lines === undefined) return document;
  return { ...document, explain: [...lines, roundingLine(statement, document)] };
}

function rounded(value: unknown, step: number, direction: Direction | undefined): unknown {
  if (typeof value === "number") return direction === undefined ? value : direction(value, step);
  if (Array.isArray(value)) return value.map((item) => rounded(item, step, direction));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      untouched.has(name) ? inner : rounded(inner, step, directions[name] ?? direction),
    ]),
  );
}

function roundingLine(statement: Tree, document: Tree): ExplainLine {
  const raw = statement["initialMargin"] as number;
  const amount = Number(document["initialMargin"]) - raw;
  return { kind: "rounding", ref: String(statement["account"]), amount, value: amount, share: 1 };
}
