/**
 * The parameters of a regime as a quant turns them: what there is, how far each may go, and what a
 * wish comes to.
 *
 * The bounds are those of the document's shape (schema/regime.ts); a class whose own number lies
 * outside them may keep it, and no class goes below its floor (regime-file.ts). On top of that, the
 * cap of the range stays a step of the ladder below its end, or rows would be missing.
 */
import { RiskError, shown } from "../core/errors.ts";
import type { Node } from "../core/shape.ts";
import {
  changedTerms,
  type RegimeTerms,
  type TermChange,
  type TunablePath,
  termAt,
  termChanges,
  tunablePaths,
} from "../regime/index.ts";
import { patchedRegime } from "./regime-file.ts";
import { regimeShape } from "./schema/regime.ts";

/** A parameter and how far it may go; words instead of bounds where it is a choice. */
export interface Tunable {
  readonly path: TunablePath;
  readonly unit: string;
  readonly meaning: string;
  readonly min: number | null;
  readonly max: number | null;
  readonly all: readonly string[] | null;
}

/** Every parameter that may be changed while a regime runs. */
export const regimeTunables: readonly Tunable[] = tunablePaths.map((path) => {
  const node = nodeAt(path);
  const named = { path, meaning: node.meaning ?? "" };
  if (node.kind === "number") {
    return { ...named, unit: node.unit ?? "", min: node.min, max: node.max, all: null };
  }
  const all = node.kind === "choice" ? node.all.map(String) : [];
  return { ...named, unit: "", min: null, max: null, all };
});

function nodeAt(path: string): Node {
  let node: Node = regimeShape;
  for (const name of path.split(".")) {
    if (node.kind === "object") node = node.fields[name]!;
  }
  return node;
}

/** Wanted values by path of the parameter. */
export type Wishes = Readonly<Record<string, number | string>>;

/** Step and end of the ladder that the range is a mask on. */
export interface Ladder {
  readonly step: number;
  readonly max: number;
}

/**
 * The terms that `wishes` make of `current`, and what changes.
 *
 * @param ladder absent where the margin terms obey none
 * @throws RiskError unknown_key, wrong_type, out_of_bounds or terms_invalid with the path of the
 * parameter; missing_field when nothing would change
 */
export function tunedRegime(
  current: RegimeTerms,
  wishes: Wishes,
  ladder: Ladder | undefined,
): { readonly terms: RegimeTerms; readonly changes: readonly TermChange[] } {
  const terms = patchedRegime(current, patchOf(wishes), PATH);
  const changes = termChanges(current, terms);
  if (changes.length === 0) {
    throw new RiskError("missing_field", { path: PATH, expected: "a value that differs" });
  }
  if (terms.range.max !== current.range.max) refuseBeyond(ladder, terms.range.max);
  return { terms: changedTerms(current, changes), changes };
}

const PATH = "changes";

function patchOf(wishes: Wishes): object {
  const patch: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(wishes)) {
    const [block, name] = blockOf(path);
    if (name === undefined) patch[block] = value;
    else patch[block] = { ...(patch[block] as object | undefined), [name]: value };
  }
  return patch;
}

function blockOf(path: string): readonly [string, string?] {
  const known = tunablePaths.find((one) => one === path);
  if (known !== undefined) return known.split(".") as [string, string?];
  throw new RiskError("unknown_key", {
    path: PATH,
    expected: tunablePaths.join(" | "),
    found: shown(path),
  });
}

function refuseBeyond(ladder: Ladder | undefined, cap: number): void {
  if (ladder === undefined) return;
  const most = ladder.max - ladder.step;
  if (cap <= most + 1e-12) return;
  throw new RiskError("out_of_bounds", {
    path: `${PATH}.range.max`,
    expected: `at most ${most}, a step below the ladder's end`,
    found: String(cap),
  });
}

/** The changes that bring back what `changes` (oldest first) have made of `current`. */
export function broughtBack(
  current: RegimeTerms,
  changes: readonly TermChange[],
): readonly TermChange[] {
  const first = new Map<string, number | string>();
  for (const { path, before } of changes) if (!first.has(path)) first.set(path, before);
  return [...first].flatMap(([path, after]) => {
    const before = termAt(current, path);
    return before === undefined || before === after ? [] : [{ path, before, after }];
  });
}
