/**
 * The account of docs/margin.md without the engine: Black-76, a table of moves, addition.
 *
 * What the book says and what the house model says is typed here once more, so that nothing is
 * shared with what it is compared to.
 */

/** Φ by its Taylor series, which for x ≥ 0 has only positive terms. */
export function normal(x: number): number {
  if (x < 0) return 1 - normal(-x);
  let sum = 0;
  for (let k = 1, term = x; term > 1e-18; k += 2, term *= (x * x) / k) sum += term;
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

export const S = 60_000;
export const F = 60_250;
export const T = 28 / 365;
export const RATE = 0.04;
export const PERP = { mark: 60_040, entry: 60_410, quantity: -0.3, funding: -11.25 };
export const COIN = 0.75;
export const CASH = 2500;

export interface Option {
  readonly call: boolean;
  readonly strike: number;
  readonly vol: number;
  readonly quantity: number;
  readonly entry: number;
}
export const options: readonly Option[] = [
  { call: false, strike: 51_000, vol: 0.66, quantity: 10, entry: 1050 },
  { call: false, strike: 55_000, vol: 0.6, quantity: -10, entry: 1850 },
  { call: true, strike: 66_000, vol: 0.54, quantity: -10, entry: 1620 },
  { call: true, strike: 71_000, vol: 0.55, quantity: 10, entry: 770 },
];

export const distances = (forward: number, strike: number, s: number) => {
  const d1 = Math.log(forward / strike) / s + s / 2;
  return { d1, d2: d1 - s };
};

export function black({ call, strike }: Option, forward: number, vol: number, years = T): number {
  const { d1, d2 } = distances(forward, strike, vol * Math.sqrt(years));
  const value = call
    ? forward * normal(d1) - strike * normal(d2)
    : strike * normal(-d2) - forward * normal(-d1);
  return Math.exp(-RATE * years) * value;
}

/** Of one contract, per unit of the forward. */
export function deltaOf({ call, strike, vol }: Option): number {
  const { d1 } = distances(F, strike, vol * Math.sqrt(T));
  return Math.exp(-RATE * T) * (call ? normal(d1) : -normal(-d1));
}

export const t = (30 / 28) ** 0.3;
export const shocks = {
  up: (vol: number) => Math.max(0.5, vol * (1 + 0.5 * 1.1 * t)),
  flat: (vol: number) => vol,
  down: (vol: number) => vol * Math.max(0, 1 - 0.25 * 1.1 * t),
};
export type Direction = keyof typeof shocks;
/** A slide with the direction of the vol. */
export type Row = readonly [slide: number, direction: Direction];

export const valueNow = (option: Option) => black(option, F, option.vol);
export const optionPnl = (option: Option, slide: number, direction: Direction, years = T) =>
  black(option, F * (1 + slide), shocks[direction](option.vol), years) - valueNow(option);

/** P&L of the account in one row, before its weight. */
export function pnl(slide: number, direction: Direction, years = T): number {
  const condor = options.reduce(
    (sum, option) => sum + option.quantity * optionPnl(option, slide, direction, years),
    0,
  );
  return condor + PERP.quantity * PERP.mark * slide + COIN * S * slide;
}

/** The largest losses of the set with `rungs` on each side. */
export function lossesOf(rungs: number): { slides: number; tails: number; theta: number } {
  const edge = 0.02 * rungs;
  const steps = Array.from({ length: 2 * rungs + 1 }, (_, i) => 0.02 * (i - rungs));
  const core = steps.flatMap((slide) =>
    (["up", "flat", "down"] as const).map((v) => pnl(slide, v)),
  );
  const day = steps.map((slide) => pnl(slide, "flat", T - 1 / 365));
  const far = [-0.66, -0.33, 0.5, 1, 2, 3, 4, 5];
  const tails = far.map((move) => Math.min(1, edge / Math.abs(move)) * pnl(move, "up"));
  const worst = (all: readonly number[]) => Math.max(...all.map((one) => -one));
  return { slides: worst(core), tails: worst(tails), theta: worst(day) };
}

export const setLoss = (rungs: number) => Math.max(0, ...Object.values(lossesOf(rungs)));
export const scan = {
  initial: 0.75 * setLoss(8) + 0.25 * setLoss(9),
  maintenance: 0.5 * setLoss(7) + 0.5 * setLoss(8),
};
export const expiryDelta = options.reduce((sum, one) => sum + one.quantity * deltaOf(one), 0);
export const netDelta = expiryDelta + PERP.quantity;
export const roll = {
  dated: Math.abs(expiryDelta) * S * Math.max(0.01, 0.075 * T),
  undated: Math.abs(PERP.quantity) * S * 0.01,
};
export const rollSum = roll.dated + roll.undated;
export const naked = { initial: (10 + 10) * S * 0.005, maintenance: (10 + 10) * S * 0.003 };
export const margin = {
  initial: scan.initial + rollSum + naked.initial,
  maintenance: 0.8 * (scan.maintenance + rollSum) + naked.maintenance,
};
export const optionValue = options.reduce((sum, one) => sum + one.quantity * valueNow(one), 0);
export const perpPnl = PERP.quantity * (PERP.mark - PERP.entry);
export const open = COIN * S - Math.max(0, -netDelta) * S;
export const equity = CASH + COIN * S - 0.1 * open + optionValue + perpPnl + PERP.funding;
