/**
 * The door of the regime: how wide to look, and why.
 *
 * In reading order: what it is told (terms), what comes in (marks, time, bars), what goes out.
 */
export type { Bar } from "./bar.ts";
export { type Label, labels } from "./label.ts";
export { foldBar, foldIndex, foldTime } from "./live.ts";
export type { Evidence, GridChange, GridNotice, RegimeOutcome } from "./outcome.ts";
export { type Limiter, limiters } from "./publisher.ts";
export { type RegimeSnapshot, restoreRegime, snapshotRegime } from "./snapshot.ts";
export { createRegime, type RegimeState } from "./state.ts";
export type * from "./terms.ts";
export { type RegimeView, regimeView } from "./view.ts";
