/**
 * The last look at figures before they leave: no NaN, no infinity, nothing too deep.
 *
 * JSON would write a NaN as null and MessagePack would carry it on; either way a reader would
 * take a broken figure for a missing one. So a tree with such a number is not sent at all.
 */
import { RiskError } from "../../core/errors.ts";

/** Nesting of anything that is sent. */
const DEPTH_MAX = 32;

/** @throws RiskError `risk_not_finite` or `invariant_broken`, naming the place */
export function requireFinite(tree: unknown, path = "", depth = 0): void {
  if (typeof tree === "number") {
    if (!Number.isFinite(tree)) throw new RiskError("risk_not_finite", { path, found: `${tree}` });
    return;
  }
  if (typeof tree !== "object" || tree === null) return;
  if (depth >= DEPTH_MAX) {
    throw new RiskError("invariant_broken", { path, expected: `depth ≤ ${DEPTH_MAX}` });
  }
  if (Array.isArray(tree)) {
    for (let i = 0; i < tree.length; i++) requireFinite(tree[i], path, depth + 1);
    return;
  }
  for (const name in tree) {
    requireFinite((tree as Record<string, unknown>)[name], name, depth + 1);
  }
}
