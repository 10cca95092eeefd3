/**
 * The declared numbers of the embedded feeds, read from config/feed.
 *
 * Each file maps a name to `{value, why}`, because JSON has no comments and a number without a
 * reason is a guess. Code takes the plain values as arguments, so that a test may pass others.
 */
import chain from "../../config/feed/chain.json" with { type: "json" };
import replay from "../../config/feed/replay.json" with { type: "json" };
import sim from "../../config/feed/sim.json" with { type: "json" };
import surface from "../../config/feed/surface.json" with { type: "json" };

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** ACT/365, as options are priced. */
export const YEAR_MS = 365 * DAY_MS;

/** A state of the simulated market; vols and variances are those of the factor. */
export interface Phase {
  /** Annualised vol of the diffusion, without jumps. */
  readonly vol: number;
  readonly jumpsPerDay: number;
  /** Mean and deviation of a jump of the factor's log price. */
  readonly jumpMean: number;
  readonly jumpSd: number;
  /** Mean stay. */
  readonly meanHours: number;
  /** Where the perpetual's premium over the index tends, fraction. */
  readonly premium: number;
  /** Where the near basis tends, a year. */
  readonly carry: number;
  /** Weights of the phases that may follow. */
  readonly to: Readonly<Record<string, number>>;
}

export interface SimUnderlying {
  readonly id: string;
  /** Index at the start. */
  readonly price: number;
  /** Log return per log return of the factor. */
  readonly beta: number;
  /** Own noise in units of the factor's vol. */
  readonly own: number;
}

export interface SimSettings {
  readonly startAt: string;
  readonly stepMs: number;
  readonly barMs: number;
  readonly warmDays: number;
  readonly warmStepMs: number;
  readonly speed: number;
  readonly optionRefreshMs: number;
  readonly underlyings: readonly SimUnderlying[];
  readonly phases: Readonly<Record<string, Phase>>;
  /** Stay in the first phase that ends the history. */
  readonly quietHours: number;
  readonly opening: readonly { readonly phase: string; readonly hours: number }[];
  readonly volHalfLifeMinutes: number;
  readonly volOfVol: number;
  /** Correlation of the shocks of price and log vol. */
  readonly leverage: number;
  readonly pullHalfLifeDays: number;
  readonly premium: { readonly halfLifeMinutes: number; readonly sd: number };
  readonly funding: { readonly interest: number; readonly max: number };
  readonly carry: {
    readonly halfLifeMinutes: number;
    readonly sd: number;
    readonly long: number;
    readonly scaleYears: number;
  };
  readonly impliedPremium: number;
  readonly crash: { readonly move: number; readonly minutes: number; readonly crisisHours: number };
}

export interface SurfaceSettings {
  readonly longVol: number;
  readonly halfLifeDays: number;
  readonly tilt: number;
  readonly wing: number;
  readonly volMin: number;
  readonly volMax: number;
}

export interface ChainSettings {
  readonly expiryHourUtc: number;
  readonly days: number;
  readonly weeks: number;
  readonly months: number;
  readonly quarters: number;
  readonly futuresFromDays: number;
  readonly strikes: number;
  readonly deviations: number;
  readonly volForWidth: number;
  readonly widthDaysMin: number;
  readonly sideMin: number;
  readonly strikesMax: number;
  readonly contracts: {
    /** US dollars a contract by underlying; `*` for those not named. */
    readonly inversePerpetual: Readonly<Record<string, number>>;
    readonly linear: number;
  };
  readonly settleCurrency: string;
}

export interface ProxySettings {
  /** The underlying that it follows, and its own name. */
  readonly of: string;
  readonly id: string;
  /** Its index over the leader's at the start. */
  readonly ratio: number;
  readonly beta: number;
  /** Own noise in units of the leader's measured vol. */
  readonly own: number;
  readonly ownHalfLifeDays: number;
  readonly seed: number;
}

export interface ReplaySettings {
  readonly underlying: string;
  readonly speed: number;
  readonly proxy: ProxySettings;
  readonly volHalfLifeHours: number;
  readonly volBarsMin: number;
  readonly volPrior: number;
  readonly impliedPremium: number;
  readonly premium: number;
  readonly fundingRate: number;
  readonly carry: { readonly near: number; readonly long: number; readonly scaleYears: number };
}

export const simSettings: SimSettings = values(sim);
export const surfaceSettings: SurfaceSettings = values(surface);
export const chainSettings: ChainSettings = values(chain);
export const replaySettings: ReplaySettings = values(replay);

type Declared = Readonly<Record<string, { readonly value: unknown; readonly why: string }>>;

function values<T extends Declared>(declared: T): { readonly [K in keyof T]: T[K]["value"] } {
  const pairs = Object.entries(declared).map(([name, { value }]) => [name, value]);
  return Object.fromEntries(pairs) as { readonly [K in keyof T]: T[K]["value"] };
}
