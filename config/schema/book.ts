/**
 * The book document: one account and the market that it stands in.
 *
 * Market figures are JSON numbers; what is somebody's money or quantity may also be a decimal
 * string. `null` stands for absent wherever a field may be absent. What fields mean together (a
 * strike on a future, an unlisted instrument) is decided in config/book.ts.
 */
import { accountModes } from "../../core/book.ts";
import { instrumentKinds, rights, settlements } from "../../core/instrument.ts";
import {
  anything,
  choice,
  either,
  type FilledShape,
  flag,
  list,
  map,
  number,
  type OptionalShape,
  object,
  optional,
  orNull,
  type Shape,
  type TypeOf,
  text,
  withDefault,
} from "../../core/shape.ts";
import { amount, assetClass, fraction, measure, nameText } from "./measures.ts";
import { CURRENCIES_MAX, GROUPS_MAX, MEMBERS_MAX, UNDERLYINGS_MAX } from "./terms.ts";

/** Most positions of an account. */
export const LEGS_MAX = 10_000;
export const ORDERS_MAX = 10_000;
export const INSTRUMENTS_MAX = 50_000;
/** Most places in which one currency may lie. */
export const PLACES_MAX = 16;
/** Most rows that an instrument may bring along. */
export const RISK_ROWS_MAX = 1_024;
/** Prices, strikes and contract sizes are at most this. */
export const PRICE_MAX = 1e12;

/** Absent, null or a value: the first two are one. */
const maybe = <T>(shape: Shape<T>): OptionalShape<T> => orNull(optional(shape));
/** null and absent alike give `fallback`. */
const or = <T>(shape: Shape<T>, fallback: T): FilledShape<T> =>
  orNull(withDefault(shape, fallback));

const price = (meaning: string) =>
  number({ min: 0, aboveMin: true, max: PRICE_MAX, unit: "quote currency", meaning });
const confidence = or(fraction(0, 1, "How far the figure may be trusted; 1 is fully."), 1);
const instant = text({
  max: 40,
  pattern: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z$/,
  form: "UTC instant, YYYY-MM-DDTHH:MM:SS[.sss]Z",
  meaning: "ISO 8601, always with Z.",
});

const underlying = object({
  index: price("Composite spot price, USD."),
  confidence,
  assetClass: or(assetClass, "crypto"),
});

/** Figures may stand there, as in a book, and are not read. */
const listedUnderlying = object({
  assetClass: or(assetClass, "crypto"),
  index: maybe(price("Composite spot price, USD.")),
  confidence,
});

const currency = object({
  price: maybe(price("USD; absent: the index of its underlying, else 1.")),
  underlying: maybe(nameText("Index that is its price, and with which it slides.")),
  peg: or(measure("USD", [0, 10], "Price of a stable numeraire; read by the peg terms only."), 1),
  confidence,
});

const range = object({
  slideRange: fraction(0.01, 0.9, "Half-width of the price axis."),
});
const evidence = map(nameText(), anything(), {
  max: 64,
  meaning: "The figures behind the range; told, not computed with.",
});
const grid = object({
  initial: range,
  maintenance: maybe(range),
  volScale: or(number({ min: 0, max: 20, unit: "1", meaning: "Scale on both vol shocks." }), 1),
  state: optional(text({ max: 64, meaning: "The regime's label; told, not computed with." })),
  evidence: optional(evidence),
});

const credit = object({
  members: list(nameText(), { min: 1, max: MEMBERS_MAX }),
  credit: fraction(0, 1, "Bound on the credit of the group with these members."),
});

const instrument = object({
  kind: choice(instrumentKinds),
  underlying: nameText("Index that it depends on."),
  settlement: or(choice(settlements), "linear"),
  settleCurrency: maybe(nameText("Default: USD; the coin when inverse.")),
  contractSize: maybe(
    number({
      min: 0,
      aboveMin: true,
      max: PRICE_MAX,
      unit: "by kind",
      meaning: "Units of the underlying per contract; USD for inverse futures; face of a bond.",
    }),
  ),
  expiry: maybe(instant),
  secondsToExpiry: maybe(measure("seconds", [0, 1e10], "Stands for expiry.")),
  right: maybe(choice(rights)),
  strike: maybe(measure("quote currency", [0, PRICE_MAX], "Price at which it may be exercised.")),
  mark: maybe(measure("settle currency per unit", [0, PRICE_MAX], "Fair price.")),
  vol: maybe(measure("per √year", [0, 100], "Black vol; 0 is intrinsic value.")),
  forward: maybe(price("Forward at its expiry; absent: the index.")),
  forwardFixed: maybe(
    measure("quote currency", [0, PRICE_MAX], "Part of forward that averaging has fixed."),
  ),
  rate: or(measure("per year", [-1, 10], "Rate to its expiry."), 0),
  fundingRate: or(measure("per interval", [-1, 1], "Funding of a perpetual."), 0),
  confidence,
  forwardConfidence: confidence,
  volConfidence: confidence,
  rateConfidence: confidence,
  quote: maybe(choice(["percent"], { meaning: "Marks are percent of face." })),
  modifiedDuration: maybe(measure("years", [-1_000, 1_000], "Of a bond.")),
  convexity: maybe(measure("years²", [-1e6, 1e6], "Of a bond.")),
  riskArrays: maybe(
    map(
      text({ max: 4, pattern: /^(0|[1-9]\d{0,3})$/, form: "number of a row, from 0" }),
      number({ min: -1e15, max: 1e15, unit: "settle currency per contract" }),
      { max: RISK_ROWS_MAX, meaning: "P&L of one contract by row; replaces pricing." },
    ),
  ),
});

const money = (meaning: string) => amount("currency", meaning);
const placed = object({ amount: money("Amount."), location: maybe(nameText("Where it lies.")) });
const balance = either([
  money("Amount; negative is a loan."),
  placed,
  list(placed, { min: 1, max: PLACES_MAX }),
]);

const position = object({
  instrument: nameText(),
  quantity: amount("contracts", "Signed."),
  entryPrice: maybe(amount("quote currency", "Price at which it was opened.")),
  unrealisedPnl: maybe(money("Settle currency; futures and perpetuals only.")),
  unrealisedFunding: or(money("Settle currency."), 0),
});

const order = object({
  instrument: nameText(),
  side: choice(["buy", "sell"]),
  quantity: amount("contracts", "Above 0."),
  price: amount("quote currency", "Limit."),
  reduceOnly: or(flag(), false),
});

const stated = or(amount("numeraire", "Requirement stated by the venue; 0 when null."), 0);

const market = object({
  underlyings: map(nameText(), underlying, { max: UNDERLYINGS_MAX }),
  currencies: or(map(nameText(), currency, { max: CURRENCIES_MAX }), {}),
  grids: or(map(nameText(), grid, { max: UNDERLYINGS_MAX }), {}),
  credits: or(list(credit, { max: GROUPS_MAX }), []),
  instruments: or(map(nameText(), instrument, { max: INSTRUMENTS_MAX }), {}),
});

const account = object({
  id: nameText("Name of the account."),
  mode: or(choice(accountModes), "portfolio"),
  balances: or(map(nameText(), balance, { max: CURRENCIES_MAX }), {}),
  positions: or(list(position, { max: LEGS_MAX }), []),
  openOrders: or(list(order, { max: ORDERS_MAX }), []),
  margins: orNull(withDefault(object({ openOrders: stated, spot: stated, mmp: stated }), {})),
});

export const bookShape = object({
  slidewire: choice(["book/1"], { meaning: "Kind and version of the document." }),
  asOf: maybe(instant),
  terms: optional(
    anything({ meaning: "Preset's name, path of a terms file, or the terms inline." }),
  ),
  market,
  account,
});

/** Sources of marks that the guard hears side by side at most. */
export const SOURCES_MAX = 32;
const KEY = "Key that alone may speak for the source; absent: any that may put marks.";
const sourceName = text({
  max: 64,
  pattern: /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
  form: "name of 1 to 64 letters, digits, dots, dashes, underscores",
});

const source = object({
  name: sourceName,
  keyId: optional(nameText(KEY)),
  publicKey: optional(
    text({
      ...{ min: 64, max: 64, pattern: /^[0-9a-f]*$/, form: "64 hex digits" },
      meaning: "Raw Ed25519 key: the source is heard in rounds that it signed, and not otherwise.",
    }),
  ),
});

/** What is listed, without an account: a book document says it under `market`. */
export const listingShape = object({
  slidewire: choice(["listing/1"], { meaning: "Kind and version of the document." }),
  sources: or(
    list(either([sourceName, source]), {
      max: SOURCES_MAX,
      meaning: "Who marks it by marks.put, each once; absent: one that nobody vouches for.",
    }),
    [],
  ),
  trusted: or(flag({ meaning: "One source is enough and needs no confirmation." }), false),
  underlyings: map(nameText(), listedUnderlying, { max: UNDERLYINGS_MAX }),
  currencies: or(map(nameText(), currency, { max: CURRENCIES_MAX }), {}),
  instruments: or(map(nameText(), instrument, { max: INSTRUMENTS_MAX }), {}),
});

export type BookDocument = TypeOf<typeof bookShape>;
export type InstrumentDocument = TypeOf<typeof instrument>;
export type BalanceDocument = TypeOf<typeof balance>;
export type GridDocument = TypeOf<typeof grid>;
