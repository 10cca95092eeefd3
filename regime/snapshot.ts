/**
 * A regime as a document and back: the restored one continues bit for bit.
 *
 * What the terms imply is not in it; it is worked out again.
 */
import { createRegime, type RegimeState } from "./state.ts";
import type { RegimeTerms } from "./terms.ts";
import { copyTree, misfit, putTree, type TreeValue } from "./tree.ts";

export interface RegimeSnapshot {
  readonly slidewire: "regime/1";
  readonly terms: RegimeTerms;
  readonly barMs: number;
  readonly state: { readonly [name: string]: TreeValue };
}

/** Members of the state that the terms imply. */
const implied = new Set(["terms", "pace"]);

/** A plain copy, safe to keep, send and write as JSON. */
export function snapshotRegime(s: RegimeState): RegimeSnapshot {
  const members = Object.entries(s).filter(([name]) => !implied.has(name));
  const state = Object.fromEntries(members.map(([name, value]) => [name, copyTree(value)]));
  return { slidewire: "regime/1", terms: s.terms, barMs: s.pace.barMs, state };
}

/**
 * @throws RiskError `malformed_file` when the document is of another shape than its terms ask for
 */
export function restoreRegime(snapshot: RegimeSnapshot): RegimeState {
  if (snapshot.slidewire !== "regime/1") throw misfit("slidewire", "regime/1", snapshot.slidewire);
  const s = createRegime(snapshot.terms, snapshot.barMs);
  for (const name of Object.keys(s))
    if (!implied.has(name)) putTree(s, name, snapshot.state, "state");
  return s;
}
