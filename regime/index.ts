/**
 * The door of the regime: how wide to look, and why.
 *
 * In reading order: what it is told (terms), what comes in (marks, time, bars), what goes out; then
 * the study, which folds a price file with the same steps and judges what comes out.
 */
export type { Bar } from "./bar.ts";
export {
  type ChallengerScore,
  challengerScore,
  SCORE_DAYS,
  tickLoss,
  withCoefficients,
} from "./challenger.ts";
export {
  type Comovement,
  type ComovementInput,
  type ComovementSnapshot,
  type Credit,
  comovementView,
  createComovement,
  creditsNow,
  foldPairs,
  type PairsOutcome,
  type PairsTurn,
  type PairView,
  pairsOfGroups,
  restoreComovement,
  snapshotComovement,
  withPairs,
} from "./comovement.ts";
export {
  creditsAgain,
  type FoldedTurn,
  foldPairsTurn,
  foldRegimesTurn,
  type PairsTurnOutcome,
  pairsCommand,
  type RegimesAndPairs,
} from "./credits.ts";
export { destination } from "./destination.ts";
export {
  type HarCoefficients,
  type HarFeatures,
  harCoefficients,
  harFeatures,
  harScale,
} from "./har.ts";
export { type Label, labels } from "./label.ts";
export { foldBar, foldIndex, foldTime } from "./live.ts";
export type { NoticeStep } from "./notice.ts";
export {
  announced,
  type Evidence,
  type GridChange,
  type GridNotice,
  type RegimeOutcome,
} from "./outcome.ts";
export type { ComovementTerms } from "./pair.ts";
export { type Limiter, limiters } from "./publisher.ts";
export { withTerms } from "./retune.ts";
export type { ScoreView } from "./score.ts";
export { type RegimeSnapshot, restoreRegime, snapshotRegime } from "./snapshot.ts";
export { createRegime, type RegimeState } from "./state.ts";
export { type StudyDocument, studyDocument } from "./study/document.ts";
export { figureSvg } from "./study/figure.ts";
export type { PeriodScore, StudyRow } from "./study/judge.ts";
export { type FileTally, type PriceFile, parsePrices } from "./study/price-file.ts";
export type { OnProgress } from "./study/progress.ts";
export { studyHtml } from "./study/report.ts";
export { closeUp, rangesAround } from "./study/report-charts.ts";
export {
  emptySeries,
  noteClose,
  type Series,
  seriesHeader,
  seriesLine,
  seriesLines,
} from "./study/series.ts";
export { type NamedTerms, type Study, type StudyInput, study } from "./study/study.ts";
export type * from "./terms.ts";
export {
  changedTerms,
  refuseOutside,
  type TermBounds,
  type TermChange,
  type TunablePath,
  termAt,
  termChanges,
  tunablePaths,
} from "./tunable.ts";
export { answers, foldRegimeTurn, type OnRefused, type RegimeAnswer } from "./turn.ts";
export { type RegimeView, regimeView } from "./view.ts";
