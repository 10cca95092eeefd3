/**
 * A writer: it trades in one account, and sends every command until it knows what became of it.
 *
 * Each command has a key, and the same key and text are sent again after silence, a lost line or a
 * refusal that may pass. Some are sent once more after their answer: the answer must be the same.
 */
import type { Instrument } from "../../core/instrument.ts";
import type { Client, Outcome } from "./client.ts";
import { SUBMIT } from "./desk.ts";
import type { Dice } from "./dice.ts";
import type { Ledger } from "./ledger.ts";
import type { Timeline } from "./timeline.ts";

export interface WriterOptions {
  readonly account: string;
  readonly timeline: Timeline;
  readonly dice: Dice;
  readonly ledger: Ledger;
  readonly instruments: readonly Instrument[];
  /** What an instrument trades at about now. */
  readonly price: (of: Instrument) => number;
  /** Market time, ms. */
  readonly marketAt: () => number;
  readonly wrong: (found: string) => void;
}

interface Order {
  readonly key: string;
  readonly method: string;
  readonly params: object;
  /** Number of the newest command answered to this writer before it was sent. */
  readonly after: number;
  attempts: number;
}

const ANSWER_MS = 3_000;
const PENDING_MAX = 3;
const THINK_MS = 700;
/** Refusals that say nothing about the command: the disk, the process, the time. */
const passing: ReadonlySet<string> = new Set([
  "journal_full",
  "journal_failed",
  "invariant_broken",
  "unknown_account",
]);

export class Writer {
  readonly #options: WriterOptions;
  readonly #pending = new Set<Order>();
  #client: Client | undefined;
  #count = 0;
  #answered = 0;
  #opened = 0;
  stopped = false;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Commands whose fate is not known yet. */
  get pending(): number {
    return this.#pending.size;
  }

  get isOpen(): boolean {
    return this.#opened >= 2;
  }

  run(client: Client): void {
    this.#client = client;
    this.#think();
  }

  #think(): void {
    const { timeline, dice } = this.#options;
    timeline.at(timeline.now() + dice.below(THINK_MS), () => {
      if (this.stopped) return;
      if (this.#client!.ready && this.#pending.size < PENDING_MAX) this.#next();
      this.#think();
    });
  }

  #next(): void {
    if (!this.isOpen && this.#pending.size > 0) return;
    const { account } = this.#options;
    const key = `${account}-${++this.#count}`;
    const { method, ...members } = this.#write();
    const params =
      method === SUBMIT
        ? { command: { ...members, account, key } }
        : { ...members, account, idempotencyKey: key };
    const order = { key, method, params, after: this.#answered, attempts: 0 };
    this.#pending.add(order);
    this.#send(order);
  }

  #send(order: Order): void {
    const { method, params } = order;
    order.attempts += 1;
    this.#client!.call(method, params, ANSWER_MS, (outcome) => this.#settle(order, outcome));
  }

  #settle(order: Order, outcome: Outcome): void {
    const { account, ledger, dice, wrong } = this.#options;
    if (outcome.kind === "result") {
      const { seq, version, durable } = outcome.result as unknown as Answer;
      if (durable !== true) wrong(`${order.key} was answered before it was on disk`);
      const found = ledger.note({ account, key: order.key, seq, version }, order.after);
      if (found !== undefined) wrong(found);
      this.#answered = Math.max(this.#answered, seq);
      if (this.#pending.delete(order)) this.#opened += 1;
      if (dice.yes(0.1)) this.#send(order);
    } else if (outcome.kind === "refused" && isFinal(outcome)) {
      this.#pending.delete(order);
      // An attempt whose line was lost may still be on its way, whatever another was told.
      const found = order.attempts === 1 ? ledger.refuse(account, order.key) : undefined;
      if (found !== undefined) wrong(found);
    } else if (this.#pending.has(order)) this.#again(order);
  }

  #again(order: Order): void {
    const { timeline, dice } = this.#options;
    timeline.at(timeline.now() + 50 + dice.below(1_000), () => {
      if (this.#client!.ready) this.#send(order);
      else this.#again(order);
    });
  }

  /** The next write: its method, and members of its params or of its command. */
  #write(): { readonly method: string } & Readonly<Record<string, unknown>> {
    const { dice } = this.#options;
    if (this.#opened === 0) return { method: "accounts.open" };
    if (this.#opened === 1) return this.#balances();
    const draw = dice.below(20);
    if (draw === 0) return this.#balances();
    if (draw === 1) return { method: "positions.set", positions: this.#lines(3) };
    if (draw === 2)
      return { method: "orders.set", orders: this.#lines(2).map((line) => this.#order(line)) };
    if (draw === 3) {
      const amount = `${dice.yes(0.5) ? "-" : ""}${1 + dice.below(5_000)}.25`;
      return {
        method: SUBMIT,
        kind: "Transfer",
        currency: dice.pick(["USDC", "USDC", "BTC"]),
        amount,
      };
    }
    const fills = this.#lines(2).map((line) => ({ ...line, fee: `0.${dice.below(999)}` }));
    return { method: "fills.apply", fills };
  }

  #balances() {
    const { dice } = this.#options;
    const balances = [
      { currency: "USDC", amount: `${50_000 + dice.below(500_000)}.${dice.below(100)}` },
      { currency: "BTC", amount: `${dice.below(5)}.${dice.below(1_000_000)}` },
    ];
    return { method: "collateral.set", balances };
  }

  /** One line or a few, each of another instrument. */
  #lines(most: number): { instrument: string; quantity: string; price: string }[] {
    const { dice, instruments, price, marketAt } = this.#options;
    const open = instruments.filter(({ expiryMs }) => (expiryMs ?? Infinity) > marketAt());
    const count = 1 + dice.below(most);
    const chosen = new Set(Array.from({ length: count }, () => dice.pick(open)));
    return [...chosen].map((instrument) => ({
      instrument: instrument.id,
      quantity: `${dice.yes(0.5) ? "-" : ""}${dice.below(3)}.${1 + dice.below(99)}`,
      price: price(instrument).toFixed(2),
    }));
  }

  #order({ instrument, quantity, price }: { instrument: string; quantity: string; price: string }) {
    const size = Math.abs(Number(quantity));
    const side = quantity.startsWith("-") ? "sell" : "buy";
    return { instrument, side, quantity: size, price: Number(price), reduceOnly: false };
  }
}

/** Marks that cannot be trusted may stay so for long: nobody waits to take money out. */
const isFinal = ({ code, retryable }: Outcome & { readonly kind: "refused" }): boolean =>
  code === "not_ready" || (!retryable && !passing.has(code));

interface Answer {
  readonly seq: number;
  readonly version: number;
  readonly durable: boolean;
}
