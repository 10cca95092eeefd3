/**
 * Whether a listing may enter the list: every name is one thing, every contract can be margined.
 *
 * What is listed already may be named again as it is (a feed that starts over), never as something
 * else. A delisting waits until nobody holds the instrument; an expiry settles and delists in one.
 */
import { canonicalJson } from "../canonical.ts";
import type { AssetClass, Instrument, InstrumentKind } from "../instrument.ts";
import { parseAmount } from "../money.ts";
import type { ListingCommand } from "./command.ts";
import { listed, refused } from "./refusal.ts";
import type { EngineState } from "./state.ts";

/** Instruments listed at one time, and names ever listed in one lineage. */
export const INSTRUMENTS_MAX = 50_000;
export const NAMES_MAX = 4_194_304;

/** Fields that only some kinds have. */
const fieldsOfKinds: { readonly [name: string]: readonly InstrumentKind[] } = {
  right: ["option"],
  strike: ["option"],
  expiryMs: ["option", "future", "bond"],
  quote: ["bond"],
  modifiedDuration: ["bond"],
  convexity: ["bond"],
};

/** @param at market time of the Turn that it joins, ms. @throws RiskError naming the entry */
export function checkListing(state: EngineState, command: ListingCommand, at: number): void {
  const { market } = state;
  const underlyings = new Map<string, AssetClass>();
  for (const { id, assetClass } of market.underlyings.values()) underlyings.set(id, assetClass);
  const currencies = new Set(market.currencies.keys());
  command.underlyings.forEach((one, i) => {
    const path = `underlyings[${i}]`;
    const known = underlyings.get(one.id) ?? one.assetClass;
    if (known !== one.assetClass) throw taken(path, one.id);
    refuseInstrumentName(state, one.id, one.id, path);
    underlyings.set(one.id, one.assetClass);
  });
  command.currencies.forEach((one, i) => {
    const known = market.currencies.get(one.id);
    const path = `currencies[${i}]`;
    if (known !== undefined && known.underlying !== one.underlying) throw taken(path, one.id);
    if (one.underlying !== undefined && !underlyings.has(one.underlying)) {
      throw refused("unknown_underlying", `${path}.underlying`, "a listed one", one.underlying);
    }
    refuseInstrumentName(state, one.id, one.underlying, path);
    currencies.add(one.id);
  });
  const fresh = new Map<string, Instrument>();
  command.instruments.forEach((spec, i) => {
    const path = `instruments[${i}]`;
    const known = fresh.get(spec.id) ?? market.instruments.get(spec.id)?.spec;
    if (known === undefined) {
      checkInstrument(spec, {
        path,
        at,
        underlyings,
        currencies,
        numeraire: state.terms.numeraire,
      });
      fresh.set(spec.id, spec);
    } else if (canonicalJson(known) !== canonicalJson(spec)) throw taken(path, spec.id);
  });
  refuseTooMany(state, fresh.size, command);
  for (const id of command.delisted) checkDelisting(state, id);
}

/** An index and the spot that it is the price of may share a name; nothing else may. */
function refuseInstrumentName(
  { market }: EngineState,
  id: string,
  underlying: string | undefined,
  path: string,
): void {
  const spec = market.instruments.get(id)?.spec;
  if (spec === undefined || isSpotOf(spec, underlying)) return;
  throw taken(path, id);
}

const isSpotOf = ({ kind, underlying }: Instrument, name: string | undefined): boolean =>
  kind === "spot" && underlying === name;

interface Beside {
  readonly path: string;
  readonly at: number;
  readonly underlyings: ReadonlyMap<string, AssetClass>;
  readonly currencies: ReadonlySet<string>;
  readonly numeraire: string;
}

function checkInstrument(spec: Instrument, beside: Beside): void {
  const { path, underlyings, currencies } = beside;
  if (!underlyings.has(spec.underlying)) {
    throw refused("unknown_underlying", `${path}.underlying`, "a listed one", spec.underlying);
  }
  const shares = underlyings.has(spec.id) || currencies.has(spec.id);
  if (shares && !isSpotOf(spec, spec.id)) throw taken(path, spec.id);
  checkFields(spec, path);
  checkSettlement(spec, beside);
  parseAmount(spec.contractSize, `${path}.contractSize`);
  parseAmount(spec.strike ?? 0, `${path}.strike`);
  if (spec.expiryMs === undefined || spec.expiryMs > beside.at) return;
  throw refused("instrument_expired", `${path}.expiryMs`, `after ${beside.at}`, spec.expiryMs);
}

function checkFields(spec: Instrument, path: string): void {
  for (const [name, kinds] of Object.entries(fieldsOfKinds)) {
    const given = spec[name as keyof Instrument] !== undefined;
    if (given && !kinds.includes(spec.kind)) {
      throw refused("unknown_key", `${path}.${name}`, `only on ${kinds.join(", ")}`, spec.kind);
    }
  }
  if (spec.secondsToExpiry !== undefined) {
    throw refused(
      "unsupported",
      `${path}.secondsToExpiry`,
      "an expiryMs: time passes here",
      spec.id,
    );
  }
  if (spec.kind !== "option" || spec.riskArray !== undefined) return;
  for (const name of ["right", "strike", "expiryMs"] as const) {
    if (spec[name] === undefined) {
      throw refused("missing_field", `${path}.${name}`, "every option has one", "nothing");
    }
  }
}

/** Inverse settles in the underlying's coin; anything else in a currency that has a price. */
function checkSettlement(
  spec: Instrument,
  { path, underlyings, currencies, numeraire }: Beside,
): void {
  const { settlement, settleCurrency, underlying, kind } = spec;
  const at = `${path}.settleCurrency`;
  if (settlement === "inverse") {
    if (kind === "spot" || kind === "bond" || kind === "fx") {
      throw refused("unsupported", `${path}.settlement`, `linear for kind ${kind}`, settlement);
    }
    if (settleCurrency !== underlying) {
      throw refused("unsupported", at, `the coin ${underlying}, no quanto`, settleCurrency);
    }
    return;
  }
  const priced = settleCurrency === "USD" || settleCurrency === numeraire;
  if (priced || currencies.has(settleCurrency) || underlyings.has(settleCurrency)) return;
  throw refused("unknown_currency", at, "a listed currency", settleCurrency);
}

function refuseTooMany({ market, names }: EngineState, fresh: number, of: ListingCommand): void {
  const instruments = market.instruments.size + fresh;
  if (instruments > INSTRUMENTS_MAX) {
    throw refused(
      "limit_exceeded",
      "instruments",
      `at most ${INSTRUMENTS_MAX} listed`,
      instruments,
    );
  }
  const all = names.length + fresh + of.underlyings.length + of.currencies.length;
  if (all > NAMES_MAX) {
    throw refused("limit_exceeded", "names", `at most ${NAMES_MAX} in a lineage`, all);
  }
}

function checkDelisting(state: EngineState, id: string): void {
  listed(state, id, "delisted");
  for (const { positions, orders } of state.accounts.values()) {
    if (positions.has(id) || orders.some(({ instrument }) => instrument === id)) {
      throw refused("instrument_held", "delisted", "one that nobody holds: settle it first", id);
    }
  }
}

const taken = (path: string, id: string) =>
  refused("already_listed", `${path}.id`, "a new name, or the very same entry", id);
