/**
 * Explain: the initial requirement as a list of lines that adds up to it, nothing left over.
 *
 * The combine tree is walked again, branch by branch. The winner of a `max` carries the amount; its
 * losers stand beside it with amount 0 and their value, so a reader sees what would bind next. On a
 * ladder both node sets have their lines, each with its share. There is no line for a remainder.
 */
import { type ChargeName, type CombineNode, type RowFamily, rowFamilies } from "../terms.ts";
import type { AccountMargin } from "./account.ts";
import { accountCharges } from "./account-charges.ts";
import { type Leaves, leafAmount, namedCharges, unnamed } from "./combine.ts";
import { type Scan, tied } from "./scan.ts";
import type { UnderlyingResult } from "./underlying.ts";

export interface ExplainLine {
  readonly kind: string;
  /** What it is about: an underlying, a group, an instrument or the account. */
  readonly ref: string;
  /** Its part of the requirement, numeraire, unrounded. */
  readonly amount: number;
  /** What the branch would have been; the losers of a max have only this. */
  readonly value: number;
  /** Share of the ladder's node set that the line belongs to; 1 off a ladder. */
  readonly share: number;
  /** Half-width of that node set. */
  readonly range?: number;
  /** Position in the mask of the row that sets it. */
  readonly row?: number;
}

/** Lines of the account's initial requirement in its own mode. */
export function explain(margin: AccountMargin): ExplainLine[] {
  if (margin.account.mode !== "portfolio") return standardLines(margin);
  const lines = margin.underlyings.flatMap(underlyingLines);
  for (const group of margin.groups) {
    const ref = group.members.join("+");
    lines.push(line("offset", ref, -group.initial.saved));
    if (group.initial.betaExtra > 0) lines.push(line("beta", ref, group.initial.betaExtra));
  }
  for (const name of accountCharges) {
    const amount = margin.accountCharges[name].initial;
    if (amount !== 0) lines.push(line(name, margin.account.id, amount));
  }
  const { unfloored, requirement } = margin.portfolio;
  const floor = requirement.initial - unfloored.initial;
  if (floor > 0) lines.push(line("initialFloor", margin.account.id, floor));
  return lines;
}

/** A line for each position, or for the options of an expiry, as the mode adds them up. */
function standardLines({ account, modeParts }: AccountMargin): ExplainLine[] {
  const parts = account.mode === "portfolio" ? [] : (modeParts?.[account.mode] ?? []);
  return parts.map(({ kind, ref, initial }) => line(kind, ref, initial));
}

const line = (kind: string, ref: string, amount: number): ExplainLine => ({
  kind,
  ref,
  amount,
  value: amount,
  share: 1,
});

function underlyingLines(result: UnderlyingResult): ExplainLine[] {
  const { view, initial } = result;
  const named = namedCharges(view.terms.combine);
  return initial.stage.masks.flatMap(({ share, range, rows }, i) => {
    const scan = initial.scans[i]!;
    const walk: Walk = {
      leaves: {
        scan,
        factor: initial.factor,
        charges: initial.charges,
        decimals: view.terms.lossDecimals,
      },
      named,
      ref: view.id,
      share,
      range,
      rowOf: (family) => worstOfFamily(result, rows, scan, family),
    };
    return nodeLines(view.terms.combine, walk, true);
  });
}

interface Walk {
  readonly leaves: Leaves;
  readonly named: ReadonlySet<ChargeName>;
  readonly ref: string;
  readonly share: number;
  readonly range: number;
  readonly rowOf: (family: RowFamily) => number;
}

/** Lines of one branch; a branch that does not count keeps its values and has no amounts. */
function nodeLines(node: CombineNode, walk: Walk, counts: boolean): ExplainLine[] {
  if (typeof node === "string") return leafLines(node, walk, counts);
  if ("sum" in node) return node.sum.flatMap((branch) => nodeLines(branch, walk, counts));
  const values = node.max.map((branch) => branchValue(branch, walk));
  const winner = values.indexOf(Math.max(...values));
  return node.max.flatMap((branch, i) => nodeLines(branch, walk, counts && i === winner));
}

function leafLines(leaf: Extract<CombineNode, string>, walk: Walk, counts: boolean): ExplainLine[] {
  const { share, range, ref, leaves, named } = walk;
  if (leaf === "charges") {
    return unnamed(named)
      .filter((name) => leaves.charges[name] !== undefined)
      .map((name) => {
        const value = leaves.charges[name]!;
        return { kind: name, ref, amount: counts ? share * value : 0, value, share, range };
      });
  }
  const value = leafAmount(leaf, leaves, named);
  const amount = counts ? share * value : 0;
  const shape = { kind: leaf.replace("charges.", ""), ref, amount, value, share, range };
  if (!rowFamilies.includes(leaf as RowFamily)) return [shape];
  const row = walk.rowOf(leaf as RowFamily);
  return row < 0 ? [] : [{ ...shape, row }];
}

function branchValue(node: CombineNode, walk: Walk): number {
  if (typeof node === "string") return leafAmount(node, walk.leaves, walk.named);
  if ("sum" in node) return node.sum.reduce((sum, branch) => sum + branchValue(branch, walk), 0);
  return Math.max(0, ...node.max.map((branch) => branchValue(branch, walk)));
}

function worstOfFamily(
  { view, initial }: UnderlyingResult,
  rows: Int32Array,
  { losses, families }: Scan,
  family: RowFamily,
): number {
  const { grid } = view.planes[initial.stage.plane]!;
  const wanted = rowFamilies.indexOf(family);
  return losses.findIndex(
    (loss, i) => grid.family[rows[i]!] === wanted && tied(loss, families[wanted]!),
  );
}
