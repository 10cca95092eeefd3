/**
 * The combine tree: how row families and charges become one requirement of an underlying.
 *
 *      {sum: [{max: ["slides", "tails", "theta", "rates", "skew"]}, "charges"]}       the usual one
 *
 * Factors stand at the leaves: rows and `inside` charges are multiplied by the stage's factor,
 * other charges are not. Every node is floored at 0. `charges` are those that the tree does not
 * name itself; `minimum` is the largest of the floor-like charges. On a ladder the tree is
 * evaluated once per mask and the results are interpolated.
 */
import {
  type ChargeName,
  type CombineNode,
  chargeNames,
  minimumCharges,
  type RowFamily,
  rowFamilies,
} from "../terms.ts";
import type { Scan } from "./scan.ts";

/** A charge as it enters the tree: its amount in this stage, already with its factor. */
export type ChargeAmounts = Readonly<Partial<Record<ChargeName, number>>>;

export interface Leaves {
  readonly scan: Scan;
  /** The stage's factor on rows. */
  readonly factor: number;
  readonly charges: ChargeAmounts;
  /** Decimals that a worst loss keeps before its factor; null: all. */
  readonly decimals: number | null;
}

/** The requirement of one mask, ≥ 0. */
export function combine(node: CombineNode, leaves: Leaves): number {
  const named = namedCharges(node);
  return evaluate(node, leaves, named);
}

function evaluate(node: CombineNode, leaves: Leaves, named: ReadonlySet<ChargeName>): number {
  if (typeof node === "string") return leafAmount(node, leaves, named);
  if ("max" in node) {
    return Math.max(0, ...node.max.map((branch) => evaluate(branch, leaves, named)));
  }
  return node.sum.reduce((sum, branch) => sum + evaluate(branch, leaves, named), 0);
}

/** Amount of a leaf, ≥ 0. */
export function leafAmount(
  leaf: Extract<CombineNode, string>,
  { scan, factor, charges, decimals }: Leaves,
  named: ReadonlySet<ChargeName>,
): number {
  const family = rowFamilies.indexOf(leaf as RowFamily);
  if (family >= 0) return factor * kept(Math.max(0, scan.families[family]!), decimals);
  if (leaf === "zero") return 0;
  if (leaf === "basis") return charges.basis ?? 0;
  if (leaf === "minimum") return Math.max(0, ...minimumCharges.map((name) => charges[name] ?? 0));
  if (leaf !== "charges") return charges[leaf.slice("charges.".length) as ChargeName] ?? 0;
  return unnamed(named).reduce((sum, name) => sum + (charges[name] ?? 0), 0);
}

/** A loss as a venue that rounds it before its factors has it, half up. */
function kept(loss: number, decimals: number | null): number {
  if (decimals === null) return loss;
  let scale = 1;
  for (let i = 0; i < decimals; i++) scale *= 10;
  return Math.floor(loss * scale + 0.5) / scale;
}

/**
 * How often the worst row can count in a tree: once where families compete, more where they add.
 */
export function rowTimes(node: CombineNode): number {
  if (typeof node === "string") return rowFamilies.includes(node as RowFamily) ? 1 : 0;
  if ("max" in node) return Math.max(0, ...node.max.map(rowTimes));
  return node.sum.reduce((sum, branch) => sum + rowTimes(branch), 0);
}

/**
 * Charges that `node` names, so that the leaf `charges` leaves them out; `basis` is always named.
 */
export function namedCharges(node: CombineNode): ReadonlySet<ChargeName> {
  const named = new Set<ChargeName>(["basis"]);
  const visit = (at: CombineNode): void => {
    if (typeof at !== "string") for (const branch of "max" in at ? at.max : at.sum) visit(branch);
    else if (at === "minimum") for (const name of minimumCharges) named.add(name);
    else if (at.startsWith("charges.")) named.add(at.slice("charges.".length) as ChargeName);
  };
  visit(node);
  return named;
}

/** The charges that the leaf `charges` adds up. */
export function unnamed(named: ReadonlySet<ChargeName>): readonly ChargeName[] {
  return chargeNames.filter((name) => !named.has(name));
}
