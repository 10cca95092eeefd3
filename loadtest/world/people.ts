/**
 * Who lives in a world: writers with an account each, readers of one account and of all.
 */
import type { Instrument } from "../../core/instrument.ts";
import type { Key } from "../../gateway/control/keys.ts";
import type { Booted } from "./boot.ts";
import type { Checks } from "./checks.ts";
import { Client } from "./client.ts";
import { dice } from "./dice.ts";
import type { Ledger } from "./ledger.ts";
import type { SmallMarket } from "./market.ts";
import type { Model } from "./model.ts";
import type { Network } from "./network.ts";
import { Quant } from "./quant.ts";
import { Reader } from "./reader.ts";
import type { Timeline } from "./timeline.ts";
import { Writer } from "./writer.ts";

export const ACCOUNTS = 10;
const READERS = 4;

export interface PeopleOptions {
  readonly seed: number;
  readonly timeline: Timeline;
  readonly network: Network;
  readonly market: SmallMarket;
  readonly checks: Checks;
  readonly ledger: Ledger;
  readonly trace: (line: string) => void;
}

export class People {
  readonly accounts = Array.from({ length: ACCOUNTS }, (_, i) => `acc-${i}`);
  readonly keys: readonly Key[];
  readonly #options: PeopleOptions;
  readonly #writers: Writer[] = [];
  readonly #readers: Reader[] = [];
  readonly #quants: Quant[] = [];

  constructor(options: PeopleOptions) {
    this.#options = options;
    const write = keyOf("writer", ["positions:write", "accounts:open", "margin:read:*"]);
    const all = keyOf("reads-all", ["margin:read:*", "regime:read"]);
    const own = this.accounts
      .slice(0, READERS)
      .map((account) => keyOf(`reads-${account}`, [`margin:read:${account}`]));
    this.keys = [write, all, ...own];
    for (const account of this.accounts) this.#addWriter(account, write);
    for (const underlying of ["BTC", "ETH"]) this.#addQuant(underlying, write);
    for (const [i, key] of own.entries()) {
      this.#addReader(key, [this.accounts[i]!], this.accounts.at(-1));
    }
    this.#addReader(all, this.accounts, undefined);
  }

  /** Nobody begins anything new. */
  rest(): void {
    for (const one of [...this.#writers, ...this.#quants]) one.stopped = true;
  }

  /** Every reader of events saw what was done, and nothing else. */
  saw(model: Model): void {
    for (const reader of this.#readers) reader.saw(model.events);
  }

  /** Everybody knows what became of his commands, and sees the newest figures. */
  caughtUp({ gateway, boot }: Booted): void {
    const { checks } = this.#options;
    const pending = this.#writers.reduce((sum, writer) => sum + writer.pending, 0);
    checks.holds("caught-up", pending === 0, () => `${pending} commands have no answer`);
    const open = this.#writers.filter((writer) => writer.isOpen).length;
    checks.holds("caught-up", open === ACCOUNTS, () => `${open} accounts are open`);
    for (const reader of this.#readers) {
      for (const account of reader.own) {
        const [seen, live] = [reader.turnOf(account, boot), gateway.board.marginTurn(account)];
        checks.holds(
          "caught-up",
          seen !== undefined && live - seen <= TURNS_BEHIND,
          () => `${reader.name} saw ${account} of turn ${seen}, it moved in ${live}`,
        );
      }
    }
  }

  #addWriter(account: string, key: Key): void {
    const { seed, timeline, checks, ledger, market } = this.#options;
    const own = dice(seed, account);
    const writer = new Writer({
      ...{ account, timeline, ledger, dice: own },
      instruments: market.listing.instruments,
      price: (of: Instrument) => market.price(of),
      marketAt: () => market.at(timeline.now() - market.startMs),
      wrong: (found) => checks.fail("acknowledged-once", found),
    });
    this.#writers.push(writer);
    writer.run(this.#client(account, key, {}));
  }

  #addReader(key: Key, own: readonly string[], foreign: string | undefined): void {
    const { seed, timeline, checks } = this.#options;
    // Liquidation prices travel once a second and cost the most: a few worlds have them.
    const intervals = dice(seed, "intervals").yes(0.1) ? ["raw", "100ms", "1s"] : ["raw", "100ms"];
    const of = (i: number) => intervals[i % intervals.length];
    const channels = own.map((account, i) => `margin.${account}.${of(i)}`);
    if (own.length > 1) channels.push("regime.BTC.1s", "regime.ETH.raw");
    const events = [...own.map((account) => `fills.${account}`)];
    if (own.length > 1) events.push("regime.changes");
    const name = key.keyId;
    const reader = new Reader({
      ...{ name, timeline, checks, channels, events, own, foreign },
      dice: dice(seed, name),
    });
    this.#readers.push(reader);
    const client = this.#client(name, key, {
      onReady: () => reader.ready(),
      onFrame: (frame) => reader.frame(frame),
      onLost: () => reader.lost(),
    });
    reader.run(client);
  }

  #addQuant(underlying: string, key: Key): void {
    const { seed, timeline } = this.#options;
    const name = `quant ${underlying}`;
    const quant = new Quant({ timeline, underlying, dice: dice(seed, name) });
    this.#quants.push(quant);
    quant.run(this.#client(name, key, {}));
  }

  #client(
    name: string,
    key: Key,
    events: Partial<
      Pick<ConstructorParameters<typeof Client>[0], "onReady" | "onFrame" | "onLost">
    >,
  ): Client {
    const { seed, timeline, network, trace } = this.#options;
    return new Client({
      ...{ name, timeline, network, key, trace },
      dice: dice(seed, `line ${name}`),
      onReady: () => undefined,
      onFrame: () => undefined,
      onLost: () => undefined,
      ...events,
    });
  }
}

/** Turns that a reader of one frame a second may be behind a market that goes on. */
const TURNS_BEHIND = 40;

const keyOf = (keyId: string, scopes: readonly string[]): Key => ({
  keyId,
  secret: `secret of ${keyId}`,
  principal: keyId,
  scopes,
  loopbackOnly: false,
});
