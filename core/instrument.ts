/**
 * What can be held: the static facts of an instrument, as listed.
 *
 * What the market says of it (mark, vol, forward) is apart, in mark.ts, because it changes with
 * every turn and these do not. Quantities are signed contracts; `contractSize` says what one is:
 *
 *      linear future, perpetual, option, spot, fx   units of the underlying
 *      inverse future, perpetual                    quote currency (USD)
 *      inverse option                               units of the underlying
 *      bond with quote "percent"                    face value
 */
export const instrumentKinds = ["spot", "perpetual", "future", "option", "bond", "fx"] as const;
export type InstrumentKind = (typeof instrumentKinds)[number];

export const settlements = ["linear", "inverse"] as const;
export type Settlement = (typeof settlements)[number];

export const rights = ["call", "put"] as const;
export type Right = (typeof rights)[number];

export interface Instrument {
  /** Its name on every door; also the canonical leg order (by UTF-16 code unit). */
  readonly id: string;
  readonly kind: InstrumentKind;
  /** The name of the index that it depends on. */
  readonly underlying: string;
  readonly settlement: Settlement;
  /** Currency of its P&L; the underlying's coin when inverse. */
  readonly settleCurrency: string;
  readonly contractSize: number;
  /** Milliseconds since the Unix epoch; absent on undated instruments. */
  readonly expiryMs?: number;
  /** Stands for `expiryMs` where only the distance is known; kept as given, for exact years. */
  readonly secondsToExpiry?: number;
  readonly right?: Right;
  /** In quote currency (USD), also when inverse. */
  readonly strike?: number;
  /** Bonds: marks are percent of face. */
  readonly quote?: "percent";
  /** Bonds: years. */
  readonly modifiedDuration?: number;
  /** Bonds: years². */
  readonly convexity?: number;
  /** P&L of one contract by row index, in settle currency: replaces pricing (SPAN files). */
  readonly riskArray?: Readonly<Record<string, number>>;
}

/** An index that instruments depend on. */
export interface Underlying {
  readonly id: string;
  readonly assetClass: AssetClass;
}

export const assetClasses = [
  "crypto",
  "equity",
  "index",
  "bond",
  "fx",
  "commodity",
  "stable",
] as const;
export type AssetClass = (typeof assetClasses)[number];

/** A currency of balances and settlement; priced by its own mark or by an underlying's index. */
export interface Currency {
  readonly id: string;
  /** Its price is this underlying's index, and it slides with it. */
  readonly underlying?: string;
}

/** Everything listed at one moment. */
export interface Listing {
  readonly underlyings: readonly Underlying[];
  readonly currencies: readonly Currency[];
  readonly instruments: readonly Instrument[];
}
