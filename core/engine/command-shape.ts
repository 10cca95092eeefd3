/**
 * The shape of each command: what a record of the list must look like before anything folds it.
 *
 * One declaration serves a submission and a Turn that comes back from disk. Limits are generous:
 * they bound memory and time, what is sensible is for admission to say (check-command.ts).
 */
import { accountModes } from "../book.ts";
import { check, isTree, join } from "../check.ts";
import { RiskError, shown } from "../errors.ts";
import { assetClasses, instrumentKinds, rights, settlements } from "../instrument.ts";
import { AMOUNT_MAX } from "../money.ts";
import {
  anything,
  choice,
  either,
  flag,
  list,
  map,
  number,
  object,
  optional,
  type Shape,
  text,
} from "../shape.ts";
import type { Command, RegimeCommand } from "./command.ts";
import { EARLIEST_MS, LATEST_MS } from "./instant.ts";

export const NAME_CHARACTERS_MAX = 64;
/** Lines of one command: fills, positions, orders, balances. */
export const LINES_MAX = 10_000;
export const LISTED_AT_ONCE_MAX = 50_000;
/** Prices, strikes and contract sizes. */
export const PRICE_MAX = 1e12;

const name = text({
  max: NAME_CHARACTERS_MAX,
  pattern: /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/,
  form: `name of 1 to ${NAME_CHARACTERS_MAX} printable ASCII characters`,
});
const amount = text({
  max: 29,
  pattern: /^-?\d{1,15}(\.\d{1,12})?$/,
  form: "decimal string of at most 15 digits and 12 decimals",
});
const figure = (min: number, max: number) => number({ min, max });
const instant = number({ min: EARLIEST_MS, max: LATEST_MS, integer: true, unit: "ms" });
const names = list(name, { max: LISTED_AT_ONCE_MAX });

const instrument = object({
  id: name,
  kind: choice(instrumentKinds),
  underlying: name,
  settlement: choice(settlements),
  settleCurrency: name,
  contractSize: number({ min: 0, aboveMin: true, max: PRICE_MAX }),
  expiryMs: optional(instant),
  secondsToExpiry: optional(figure(0, 1e10)),
  right: optional(choice(rights)),
  strike: optional(figure(0, PRICE_MAX)),
  quote: optional(choice(["percent"])),
  modifiedDuration: optional(figure(-1_000, 1_000)),
  convexity: optional(figure(-1e6, 1e6)),
  riskArray: optional(map(text({ max: 4 }), figure(-AMOUNT_MAX, AMOUNT_MAX), { max: 1_024 })),
});

const listing = object({
  kind: choice(["Listing"]),
  underlyings: list(object({ id: name, assetClass: choice(assetClasses) }), { max: 4_096 }),
  currencies: list(object({ id: name, underlying: optional(name) }), { max: 4_096 }),
  instruments: list(instrument, { max: LISTED_AT_ONCE_MAX }),
  delisted: names,
});

const ofAccount = { account: name, key: optional(name) };
const line = { instrument: name, quantity: amount, price: amount };
const order = object({
  instrument: name,
  side: choice(["buy", "sell"]),
  quantity: number({ min: 0, aboveMin: true, max: AMOUNT_MAX }),
  price: figure(0, PRICE_MAX),
  reduceOnly: flag(),
});

const settle = { kind: choice(["Settle"]), instrument: name };
const staged = object({ initial: figure(0.01, 0.9), maintenance: figure(0.01, 0.9) });
const hash = text({ min: 64, max: 64, pattern: /^[0-9a-f]{64}$/, form: "64 hex digits" });

/** Terms of a regime that one command changes. */
export const TERM_CHANGES_MAX = 64;
/** Characters of the reason for a decision. */
export const REASON_CHARACTERS_MAX = 500;

const by = object({
  principal: name,
  proposer: optional(name),
  proposal: optional(name),
  hash: optional(hash),
  reason: text({ max: REASON_CHARACTERS_MAX }),
});
const ofRegime = {
  kind: choice(["Regime"]),
  underlying: name,
  version: number({ min: 1, max: Number.MAX_SAFE_INTEGER, integer: true }),
  by,
};
const term = either([figure(-AMOUNT_MAX, AMOUNT_MAX), text({ max: NAME_CHARACTERS_MAX })]);
const termChange = object({ path: text({ max: 64 }), before: term, after: term });
const decisions: { readonly [K in RegimeCommand["what"]]: Shape } = {
  warm: object({
    kind: choice(["Regime"]),
    what: choice(["warm"]),
    underlying: name,
    // Its own shape stands with the regime, which restores it.
    snapshot: anything(),
  }),
  freeze: object({ ...ofRegime, what: choice(["freeze"]), allowEmergency: flag() }),
  release: object({ ...ofRegime, what: choice(["release"]) }),
  override: object({
    ...ofRegime,
    what: choice(["override"]),
    range: figure(0.01, 0.9),
    untilMs: instant,
  }),
  parameters: object({
    ...ofRegime,
    what: choice(["parameters"]),
    changes: list(termChange, { min: 1, max: TERM_CHANGES_MAX }),
    restores: optional(number({ min: 0, max: Number.MAX_SAFE_INTEGER, integer: true })),
  }),
  coefficients: object({
    ...ofRegime,
    what: choice(["coefficients"]),
    coefficients: map(text({ max: 64 }), anything(), { max: 256 }),
  }),
};
const credit = object({ members: names, credit: figure(0, 1) });

const shapes: {
  readonly [K in Exclude<Command["kind"], "Regime">]: Shape<Extract<Command, { kind: K }>>;
} = {
  Listing: listing,
  Account: object({
    kind: choice(["Account"]),
    ...ofAccount,
    mode: choice(accountModes),
    expect: optional(choice(["new", "known"])),
  }),
  Balances: object({
    kind: choice(["Balances"]),
    ...ofAccount,
    balances: list(object({ currency: name, amount }), { max: LINES_MAX }),
  }),
  Positions: object({
    kind: choice(["Positions"]),
    ...ofAccount,
    positions: list(object(line), { max: LINES_MAX }),
  }),
  Orders: object({
    kind: choice(["Orders"]),
    ...ofAccount,
    orders: list(order, { max: LINES_MAX }),
  }),
  Fill: object({
    kind: choice(["Fill"]),
    ...ofAccount,
    fills: list(object({ ...line, fee: optional(amount) }), { min: 1, max: LINES_MAX }),
  }),
  Transfer: object({ kind: choice(["Transfer"]), ...ofAccount, currency: name, amount }),
  Settle: either([
    object({ ...settle, what: choice(["expiry"]), price: amount }),
    object({ ...settle, what: choice(["funding"]), rate: amount, price: amount }),
    object({ ...settle, what: choice(["session"]), price: optional(amount) }),
  ]),
  GridChange: object({
    kind: choice(["GridChange"]),
    underlying: name,
    slideRange: staged,
    volScale: figure(0, 20),
    label: text({ max: 32 }),
    credits: optional(list(credit, { max: 256 })),
    evidence: map(text({ max: 64 }), anything(), { max: 256 }),
  }),
  GridNotice: object({
    kind: choice(["GridNotice"]),
    underlying: name,
    target: figure(0.01, 0.9),
    effectiveAt: instant,
  }),
  TermsChange: object({
    kind: choice(["TermsChange"]),
    // Their own shape stands with the terms files, and their hash is checked where they are read.
    terms: anything() as Shape<Extract<Command, { kind: "TermsChange" }>["terms"]>,
    hash,
  }),
  MarkState: object({
    kind: choice(["MarkState"]),
    state: choice(["OK", "DEGRADED", "HALTED"]),
    stale: names,
    quarantined: names,
    confidence: optional(
      list(object({ id: name, confidence: figure(0, 1) }), { max: LISTED_AT_ONCE_MAX }),
    ),
  }),
  Tick: object({ kind: choice(["Tick"]) }),
};

/**
 * A value as a command: a fresh tree of exactly what its kind declares.
 *
 * @param path of the value; "": paths in errors start inside the command
 * @throws RiskError as `check`, with the path of the member
 */
export function checkCommandShape(value: unknown, path: string): Command {
  const kind: unknown = isTree(value) ? value["kind"] : undefined;
  if (kind === "Regime") return check(decisionShape(value, path), value, path) as RegimeCommand;
  if (typeof kind === "string" && Object.hasOwn(shapes, kind)) {
    return check<Command>(shapes[kind as keyof typeof shapes], value, path);
  }
  throw new RiskError("unknown_value", {
    path: join(path, "kind"),
    expected: [...Object.keys(shapes), "Regime"].join(" | "),
    found: shown(kind),
  });
}

function decisionShape(value: unknown, path: string): Shape {
  const what: unknown = isTree(value) ? value["what"] : undefined;
  if (typeof what === "string" && Object.hasOwn(decisions, what)) {
    return decisions[what as RegimeCommand["what"]];
  }
  throw new RiskError("unknown_value", {
    path: join(path, "what"),
    expected: Object.keys(decisions).join(" | "),
    found: shown(what),
  });
}
