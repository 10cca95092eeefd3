/**
 * The methods that write: what each takes, and the one answer that all account writes have.
 *
 * An answer says that the command is in the list: on disk where `durable` says so, and folded, so
 * that a read after it sees it. The same key again is answered as it was and changes nothing.
 */
import { accountModes } from "../../core/book.ts";
import { choice, either, flag, list, number, object, optional, text } from "../../core/shape.ts";
import { defaultLimits } from "./limits.ts";
import { count, declare, flagged, name, tree, word } from "./method.ts";

/** Characters of an idempotency key, and of the name of an account that is opened. */
export const KEY_CHARACTERS_MAX = 64;

const { writeLines } = defaultLimits;

/** Both scopes of a write: the right to write, and the account. */
const WRITE = "positions:write margin:read:{account}";

/** A JSON number is any finite one here; how large, the ledger says. */
const figure = number({ min: -Number.MAX_VALUE, max: Number.MAX_VALUE });
const decimal = text({
  max: 29,
  pattern: /^-?\d{1,15}(\.\d{1,12})?$/,
  form: "decimal text of at most 15 digits and 12 decimals",
});
const amount = (meaning: string) => either([figure, decimal], { meaning });

const idempotencyKey = text({
  max: KEY_CHARACTERS_MAX,
  pattern: /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/,
  form: `1 to ${KEY_CHARACTERS_MAX} printable ASCII characters`,
  meaning: "the sender's name for this write",
});
const expectedVersion = optional(
  number({
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    integer: true,
    meaning: "the account's version that the sender knows; another is a conflict",
  }),
);
const ofAccount = { account: name("account"), idempotencyKey, expectedVersion };

const line = {
  instrument: name("instrument"),
  quantity: amount("signed contracts"),
  price: amount("quote currency"),
};

const moment = (meaning: string) =>
  number({ min: 0, max: Number.MAX_SAFE_INTEGER, integer: true, meaning });

/** What every write of an account answers. */
export interface Applied {
  /** Number of the command in the account chain of `lineage`. */
  readonly seq: number;
  readonly lineage: string;
  /** The account's version after it. */
  readonly version: number;
  readonly durable: boolean;
  readonly replayed: boolean;
}

const applied = {
  seq: count("number of the command in the account chain"),
  lineage: word("the journal's identity: the epoch of EVENT channels"),
  version: count("the account's version after it"),
  durable: flagged("it was on disk before this answer"),
  replayed: flagged("the key had been applied before; nothing was changed now"),
};

export const writeSpecs = {
  accountsOpen: declare({
    name: "accounts.open",
    summary: "Opens an account with nothing in it.",
    scope: "accounts:open margin:read:{account}",
    opensAccount: true,
    cost: 5,
    params: {
      account: text({
        max: KEY_CHARACTERS_MAX,
        pattern: /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
        form: `name of 1 to ${KEY_CHARACTERS_MAX} letters, digits, dots, dashes, underscores`,
      }),
      mode: optional(choice(accountModes, { meaning: "how it is margined (portfolio)" })),
      idempotencyKey,
    },
    result: applied,
    once: true,
  }),
  fillsApply: declare({
    name: "fills.apply",
    summary: "Applies trades, all or none.",
    scope: WRITE,
    cost: 2,
    params: {
      ...ofAccount,
      fills: list(
        object({ ...line, fee: optional(amount("settle currency; negative is a rebate")) }),
        { min: 1, max: writeLines, meaning: "{instrument, quantity, price, fee?}" },
      ),
    },
    result: applied,
    once: true,
  }),
  positionsSet: declare({
    name: "positions.set",
    summary: "Replaces the positions, each entered at its price; no cash moves.",
    scope: WRITE,
    cost: 2,
    params: {
      ...ofAccount,
      positions: list(object(line), { max: writeLines, meaning: "{instrument, quantity, price}" }),
    },
    result: applied,
    once: true,
  }),
  collateralSet: declare({
    name: "collateral.set",
    summary: "Replaces the balances.",
    scope: WRITE,
    cost: 2,
    params: {
      ...ofAccount,
      balances: list(object({ currency: name("currency"), amount: amount("of the currency") }), {
        max: writeLines,
        meaning: "{currency, amount}, each currency once",
      }),
    },
    result: applied,
    once: true,
  }),
  ordersSet: declare({
    name: "orders.set",
    summary: "Replaces the resting orders that margin is held for.",
    scope: WRITE,
    cost: 2,
    params: {
      ...ofAccount,
      orders: list(
        object({
          instrument: name("instrument"),
          side: choice(["buy", "sell"]),
          quantity: amount("contracts, above 0"),
          price: amount("quote currency"),
          reduceOnly: optional(flag()),
        }),
        { max: writeLines, meaning: "{instrument, side, quantity, price, reduceOnly?}" },
      ),
    },
    result: applied,
    once: true,
  }),
  marksPut: declare({
    name: "marks.put",
    summary: "Offers marks to the guard, as a feed does; each is accepted or refused.",
    scope: "marks:write",
    cost: 1,
    params: {
      marks: list(
        object({
          id: name("underlying, currency or instrument"),
          value: figure,
          extra: optional(figure),
          madeAt: optional(figure),
          halfWidth: optional(figure),
        }),
        {
          ...{ min: 1, max: writeLines },
          meaning: "{id, value, extra?, madeAt?, halfWidth?}, each id once",
        },
      ),
      sequence: optional(moment("of a signed round: its number, increasing by source")),
      at: optional(moment("of a signed round: when it was made, ms")),
      signature: optional(
        text({
          ...{ min: 128, max: 128, pattern: /^[0-9a-f]*$/, form: "128 hex digits" },
          meaning: "of a signed round: Ed25519 by the source's key",
        }),
      ),
      source: optional(
        name("declared source that says so; absent: the key's own, or the only one"),
      ),
      idempotencyKey: optional(idempotencyKey),
    },
    result: {
      at: { type: "number", description: "market time that they were taken at, ms" },
      turn: count("newest folded turn: those accepted are in it"),
      accepted: count("marks that passed"),
      refused: { type: "array", items: { type: "string" }, description: "ids of the others" },
      reasons: tree("how many were refused, by the guard's reason"),
      why: tree("the guard's reason, by refused id"),
      replayed: flagged("the key had been used before; nothing was changed now"),
    },
    once: true,
  }),
} as const;
