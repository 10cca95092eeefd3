/**
 * The oracle: what accounts own after a list of commands, in its own words and arithmetic.
 *
 * It reads the commands as JSON from the chain and shares no code with the engine: amounts are
 * whole numbers of 1e-12 made by its own reader, every product is rounded once against the account,
 * and a contract is three facts of the market above. It knows nothing of margins.
 *
 *      line     quantity q, cost c; value v(q, price) = ⌈q · size · price⌉, inverse ⌈-q · size /
 * price⌉
 *      fill     q += dq, c += v(dq, price); cash -= fee, and -= v where the price is paid at once
 *      session  futures and perpetuals: cash += ⌊v⌋ - c, c = ⌊v⌋
 *      expiry   futures as a session; options cash += ⌊q · size · payoff⌋; the line is gone
 *      funding  cash -= ⌈q · size · price · rate⌉, inverse ⌈q · size · rate / price⌉
 */
import type { Listing } from "../../core/instrument.ts";

/** Facts of a contract. */
interface Facts {
  readonly carries: boolean;
  readonly inverse: boolean;
  readonly currency: string;
  readonly size: bigint;
  readonly strike: bigint;
  readonly side: "call" | "put" | "none";
}

export interface Line {
  quantity: bigint;
  cost: bigint;
}

export interface Owned {
  readonly cash: Map<string, bigint>;
  readonly lines: Map<string, Line>;
  /** Instruments in which orders rest. */
  resting: readonly string[];
  version: number;
  /** Keys applied, with the number of their command and the version that it left. */
  readonly keys: Map<string, { readonly seq: number; readonly version: number }>;
}

/** A command as the chain holds it. */
type Told = Readonly<Record<string, unknown>>;
type Rows = readonly Readonly<Record<string, string>>[];

/** What the regime and the operator say that everybody hears. */
const published: ReadonlySet<string> = new Set(["GridChange", "GridNotice", "TermsChange"]);

const UNIT = 1_000_000_000_000n;

/** The amount that a decimal text says, in units of 1e-12. */
export function amount(text: string): bigint {
  const [whole = "0", fraction = ""] = text.replace("-", "").split(".");
  const size = BigInt(whole + fraction.padEnd(12, "0"));
  return text.startsWith("-") ? -size : size;
}

/** a / b rounded up; b > 0. */
function up(a: bigint, b: bigint): bigint {
  return a > 0n ? (a + b - 1n) / b : a / b;
}

export class Model {
  readonly accounts = new Map<string, Owned>();
  readonly #facts: ReadonlyMap<string, Facts>;
  /** Commands seen. */
  seq = 0;
  /** Keys and versions that the chain holds twice, or out of order: none, ever. */
  readonly twice: string[] = [];
  /** Numbers of the commands that are events, by channel. */
  readonly events = new Map<string, number[]>();
  readonly #decided = new Map<string, number>();

  constructor({ instruments }: Listing) {
    this.#facts = new Map(
      instruments.map((one): [string, Facts] => [
        one.id,
        {
          carries: one.kind === "future" || one.kind === "perpetual",
          inverse: one.settlement === "inverse",
          currency: one.settleCurrency,
          size: amount(String(one.contractSize)),
          strike: amount(String(one.strike ?? 0)),
          side: one.right ?? "none",
        },
      ]),
    );
  }

  /** The next command of the chain. */
  apply(told: Told): void {
    this.seq += 1;
    if (told["kind"] === "Settle") this.#settle(told);
    this.#note(told);
    const id = told["account"];
    if (typeof id !== "string") return;
    const owned = this.#owned(id);
    this.#change(owned, told);
    owned.version += 1;
    const key = told["key"];
    if (typeof key !== "string") return;
    if (owned.keys.has(key)) this.twice.push(`${id} ${key}`);
    owned.keys.set(key, { seq: this.seq, version: owned.version });
  }

  /** What readers are told of, and decisions by their versions. */
  #note({ kind, account, underlying, version, what }: Told): void {
    const decides = kind === "Regime" && what !== "warm";
    const changes = decides || published.has(String(kind));
    const channel = kind === "Fill" ? `fills.${account}` : changes ? "regime.changes" : undefined;
    if (channel !== undefined) {
      this.events.set(channel, [...(this.events.get(channel) ?? []), this.seq]);
    }
    if (!decides) return;
    const before = this.#decided.get(String(underlying)) ?? 0;
    if (version !== before + 1) this.twice.push(`${underlying} v${version} after v${before}`);
    this.#decided.set(String(underlying), Number(version));
  }

  #owned(id: string): Owned {
    const known = this.accounts.get(id);
    if (known !== undefined) return known;
    const lines = new Map<string, Line>();
    const made: Owned = { cash: new Map(), lines, resting: [], version: 0, keys: new Map() };
    this.accounts.set(id, made);
    return made;
  }

  #change(owned: Owned, told: Told): void {
    const rows = (name: string) => told[name] as Rows;
    switch (told["kind"]) {
      case "Fill":
        for (const fill of rows("fills")) this.#fill(owned, fill);
        return;
      case "Positions":
        owned.lines.clear();
        for (const line of rows("positions")) this.#enter(owned, line);
        return;
      case "Balances":
        owned.cash.clear();
        for (const { currency, amount: text } of rows("balances")) pay(owned, currency!, text!);
        return;
      case "Transfer":
        pay(owned, told["currency"] as string, told["amount"] as string);
        return;
      case "Orders":
        owned.resting = rows("orders").map(({ instrument }) => instrument!);
    }
  }

  #fill(owned: Owned, row: Rows[number]): void {
    const value = this.#enter(owned, row);
    const { carries, currency } = this.#of(row["instrument"]!);
    move(owned, currency, -amount(row["fee"] ?? "0"));
    if (!carries) move(owned, currency, -value);
  }

  /** Adds to a line; answers by what its cost rose. */
  #enter(owned: Owned, row: Rows[number]): bigint {
    const id = row["instrument"]!;
    const quantity = amount(row["quantity"]!);
    const value = this.#value(id, quantity, amount(row["price"]!));
    add(owned, id, quantity, value);
    return value;
  }

  #of(id: string): Facts {
    return this.#facts.get(id)!;
  }

  #value(id: string, quantity: bigint, price: bigint): bigint {
    const { carries, inverse, size } = this.#of(id);
    const notional = quantity * size;
    return carries && inverse ? up(-notional, price) : up(notional * price, UNIT * UNIT);
  }

  #settle(told: Told): void {
    const id = told["instrument"] as string;
    const expires = told["what"] === "expiry";
    for (const owned of this.accounts.values()) {
      const rests = expires && owned.resting.includes(id);
      if (!owned.lines.has(id) && !rests) continue;
      if (owned.lines.has(id)) this.#settleLine(owned, id, told);
      if (rests) owned.resting = owned.resting.filter((one) => one !== id);
      owned.version += 1;
    }
  }

  #settleLine(owned: Owned, id: string, told: Told): void {
    const line = owned.lines.get(id)!;
    const { carries, currency } = this.#of(id);
    const price = told["price"] === undefined ? undefined : amount(told["price"] as string);
    if (told["what"] === "funding") {
      move(owned, currency, -this.#funding(id, line, amount(told["rate"] as string), price!));
    } else if (told["what"] === "session") {
      if (price !== undefined) this.#realise(owned, id, price);
      else if (line.quantity === 0n) owned.lines.delete(id);
    } else {
      if (carries) this.#realise(owned, id, price!);
      else move(owned, currency, this.#payoff(id, line, price!));
      owned.lines.delete(id);
    }
  }

  #realise(owned: Owned, id: string, price: bigint): void {
    const { quantity, cost } = owned.lines.get(id)!;
    const value = -this.#value(id, -quantity, price);
    add(owned, id, 0n, value - cost);
    move(owned, this.#of(id).currency, value - cost);
  }

  #payoff(id: string, { quantity }: Line, price: bigint): bigint {
    const { side, strike, size } = this.#of(id);
    if (side === "none") return -up(-quantity * size * price, UNIT * UNIT);
    const gain = side === "call" ? price - strike : strike - price;
    return gain > 0n ? -up(-quantity * size * gain, UNIT * UNIT) : 0n;
  }

  #funding(id: string, { quantity }: Line, rate: bigint, price: bigint): bigint {
    const { inverse, size } = this.#of(id);
    const paid = quantity * size * rate;
    return inverse ? up(paid, UNIT * price) : up(paid * price, UNIT * UNIT * UNIT);
  }
}

function pay(owned: Owned, currency: string, text: string): void {
  move(owned, currency, amount(text));
}

/** Nothing held at nothing is not there. */
function move({ cash }: Owned, currency: string, by: bigint): void {
  const left = (cash.get(currency) ?? 0n) + by;
  if (left === 0n) cash.delete(currency);
  else cash.set(currency, left);
}

function add({ lines }: Owned, id: string, quantity: bigint, cost: bigint): void {
  const line = lines.get(id) ?? { quantity: 0n, cost: 0n };
  const sum = { quantity: line.quantity + quantity, cost: line.cost + cost };
  if (sum.quantity === 0n && sum.cost === 0n) lines.delete(id);
  else lines.set(id, sum);
}
