/**
 * What another range would do to everybody's margin, before anything changes.
 *
 * The state is forked at one Turn and every account is valued twice in it: at what is published,
 * and with both sides of the underlying at the range in question, for that is where it would end up
 * once notice has passed. It runs in slices and lets whatever waits go first, so the loop is never
 * held for more than about `SLICE_MS`; legs are valued one by one before their account is.
 *
 * The answer counts accounts and names none: who tunes a regime has no business with them.
 */
import type { Market, MarketInstrument, PublishedRange } from "../../../core/book.ts";
import { accountOf, instrumentsOf } from "../../../core/engine/account-book.ts";
import type { Engine } from "../../../core/engine/engine.ts";
import type { AccountState } from "../../../core/engine/ledger.ts";
import { carriedForward } from "../../../core/engine/market.ts";
import { type EngineState, forkState } from "../../../core/engine/state.ts";
import { RiskError } from "../../../core/errors.ts";
import { type AccountMargin, accountMargin } from "../../../core/margin/account.ts";
import { type MarginContext, marginContext } from "../../../core/margin/context.ts";
import { type Numeraire, numeraireOf } from "../../../core/margin/prices.ts";
import type { Staged, Terms } from "../../../core/terms.ts";
import type { Clock } from "../../clock.ts";

/** Work between two breaths. */
export const SLICE_MS = 5;
/** Contexts at one time: numeraires by their price. */
const CONTEXTS_MAX = 64;

/** Relative changes of a requirement, over accounts that had one. */
export interface Distribution {
  readonly min: number;
  readonly p5: number;
  readonly median: number;
  readonly p95: number;
  readonly max: number;
}

export interface WhatIf {
  readonly turn: number;
  readonly at: number;
  /** Range that both sides were valued at, fraction. */
  readonly range: number;
  readonly published: Staged;
  /** Accounts that were valued, and those that have no complete figures. */
  readonly accounts: number;
  readonly incomplete: number;
  /** Requirement over all accounts, by numeraire. */
  readonly initialMargin: Totals;
  readonly maintenanceMargin: Totals;
  /** null: no account had a requirement. */
  readonly initialChange: Distribution | null;
  readonly maintenanceChange: Distribution | null;
  /** Accounts whose equity would fall below a requirement that it meets now, and the other way. */
  readonly newlyBelow: Staged;
  readonly noLongerBelow: Staged;
}

export type Totals = Readonly<Record<string, { readonly before: number; readonly after: number }>>;

export interface Question {
  readonly underlying: string;
  /** Fraction. */
  readonly range: number;
}

/** @throws RiskError only of kind fault: an account without figures is counted and passed over */
export async function whatIf(
  engine: Engine,
  { underlying, range }: Question,
  clock: Pick<Clock, "now" | "soon">,
): Promise<WhatIf> {
  const state = forkState(engine.state);
  const published = state.market.ranges.get(underlying);
  const asked: PublishedRange = {
    volScale: 1,
    ...published,
    slideRange: { initial: range, maintenance: range },
  };
  const ranges = new Map(state.market.ranges).set(underlying, asked);
  const { terms, market } = state;
  const before = new Contexts(terms, market);
  const desk = { state, before, after: new Contexts(terms, { ...market, ranges }) };
  const pause = breaths(clock);
  const tally = new Tally();
  for (const account of state.accounts.values()) {
    const pair = await revalued(desk, account, pause);
    tally.add(pair);
  }
  const { seq: turn, at } = state;
  const now = published?.slideRange ?? { initial: range, maintenance: range };
  return { turn, at, range, published: now, ...tally.result() };
}

interface Desk {
  readonly state: EngineState;
  readonly before: Contexts;
  readonly after: Contexts;
}

interface Pair {
  readonly currency: string;
  readonly before: AccountMargin;
  readonly after: AccountMargin;
}

type Pause = () => Promise<void> | undefined;

/** Lets others go first whenever a slice is used up. */
function breaths(clock: Pick<Clock, "now" | "soon">): Pause {
  let since = clock.now();
  return () => {
    if (clock.now() - since < SLICE_MS) return undefined;
    return new Promise((resolve) =>
      clock.soon(() => {
        since = clock.now();
        resolve();
      }),
    );
  };
}

/** The account at both ranges; undefined: it has no complete figures. */
async function revalued(desk: Desk, of: AccountState, pause: Pause): Promise<Pair | undefined> {
  const { state, before, after } = desk;
  try {
    const account = accountOf(state, of);
    const numeraire = numeraireOf({ market: state.market, account }, state.terms);
    const sides = [before.of(numeraire), after.of(numeraire)] as const;
    for (const id of instrumentsOf(of)) {
      const instrument = carriedForward(state, id);
      for (const { context, instruments } of sides) {
        if (instrument !== undefined && !instruments.has(id)) instruments.set(id, instrument);
        context.leg(id);
        await pause();
      }
    }
    const now = accountMargin(sides[0].context, account);
    await pause();
    const then = accountMargin(sides[1].context, account);
    if (now.missing.length > 0 || then.missing.length > 0) return undefined;
    return { currency: numeraire.currency, before: now, after: then };
  } catch (error) {
    if (!(error instanceof RiskError) || error.kind === "fault") throw error;
    return undefined;
  }
}

interface Side {
  readonly context: MarginContext;
  /** Those that were asked for so far. */
  readonly instruments: Map<string, MarketInstrument>;
}

/** One context by numeraire, over one market. */
class Contexts {
  readonly #terms: Terms;
  readonly #market: Market;
  readonly #byNumeraire = new Map<string, Side>();

  constructor(terms: Terms, market: Market) {
    this.#terms = terms;
    this.#market = market;
  }

  of(numeraire: Numeraire): Side {
    const key = `${numeraire.currency} ${numeraire.price}`;
    const known = this.#byNumeraire.get(key);
    if (known !== undefined) return known;
    if (this.#byNumeraire.size >= CONTEXTS_MAX) this.#byNumeraire.clear();
    const instruments = new Map<string, MarketInstrument>();
    const context = marginContext(this.#terms, { ...this.#market, instruments }, numeraire);
    const made = { context, instruments };
    this.#byNumeraire.set(key, made);
    return made;
  }
}

const stages = ["initial", "maintenance"] as const;

class Tally {
  #accounts = 0;
  #incomplete = 0;
  readonly #totals = { initial: new Totalled(), maintenance: new Totalled() };
  readonly #changes = { initial: [] as number[], maintenance: [] as number[] };
  readonly #newly = { initial: 0, maintenance: 0 };
  readonly #noLonger = { initial: 0, maintenance: 0 };

  add(pair: Pair | undefined): void {
    if (pair === undefined) {
      this.#incomplete += 1;
      return;
    }
    this.#accounts += 1;
    for (const stage of stages) {
      const [before, after] = [pair.before.requirement[stage], pair.after.requirement[stage]];
      this.#totals[stage].add(pair.currency, before, after);
      if (before > 0) this.#changes[stage].push(after / before - 1);
      const wasBelow = pair.before.equity[stage] < before;
      const isBelow = pair.after.equity[stage] < after;
      if (isBelow && !wasBelow) this.#newly[stage] += 1;
      if (wasBelow && !isBelow) this.#noLonger[stage] += 1;
    }
  }

  result() {
    return {
      accounts: this.#accounts,
      incomplete: this.#incomplete,
      initialMargin: this.#totals.initial.all(),
      maintenanceMargin: this.#totals.maintenance.all(),
      initialChange: distribution(this.#changes.initial),
      maintenanceChange: distribution(this.#changes.maintenance),
      newlyBelow: { ...this.#newly },
      noLongerBelow: { ...this.#noLonger },
    };
  }
}

class Totalled {
  readonly #by = new Map<string, { before: number; after: number }>();

  add(currency: string, before: number, after: number): void {
    const sum = this.#by.get(currency) ?? { before: 0, after: 0 };
    this.#by.set(currency, { before: sum.before + before, after: sum.after + after });
  }

  all(): Totals {
    return Object.fromEntries(this.#by);
  }
}

function distribution(values: number[]): Distribution | null {
  if (values.length === 0) return null;
  const sorted = values.sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))]!;
  return { min: at(0), p5: at(0.05), median: at(0.5), p95: at(0.95), max: at(1) };
}
