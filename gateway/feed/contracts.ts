/**
 * The contracts of the embedded feeds, as margin documents name and size them.
 *
 *      BTC-PERPETUAL          inverse perpetual, US dollars a contract, settles in the coin
 *      BTC_USDC-PERPETUAL     linear perpetual, coins a contract, settles in the stable currency
 *      BTC-28JUN24            linear future
 *      BTC-28JUN24-70000-C    linear option, European
 */
import type { Instrument, Listing, Right } from "../../core/instrument.ts";
import { expiryName } from "./expiries.ts";
import type { ChainSettings } from "./settings.ts";
import { strikeName } from "./strikes.ts";

type Contracts = Pick<ChainSettings, "contracts" | "settleCurrency">;

/** The inverse and the linear perpetual. */
export function perpetualsOf(underlying: string, terms: Contracts): Instrument[] {
  const { inversePerpetual, linear } = terms.contracts;
  const inverse: Instrument = {
    id: `${underlying}-PERPETUAL`,
    kind: "perpetual",
    underlying,
    settlement: "inverse",
    settleCurrency: underlying,
    contractSize: inversePerpetual[underlying] ?? inversePerpetual["*"] ?? 1,
  };
  const settle = terms.settleCurrency;
  const straight: Instrument = {
    id: `${underlying}_${settle}-PERPETUAL`,
    kind: "perpetual",
    underlying,
    settlement: "linear",
    settleCurrency: settle,
    contractSize: linear,
  };
  return [inverse, straight];
}

/** The dated future of an expiry. */
export function futureOf(underlying: string, expiryMs: number, terms: Contracts): Instrument {
  return {
    id: `${underlying}-${expiryName(expiryMs)}`,
    kind: "future",
    underlying,
    settlement: "linear",
    settleCurrency: terms.settleCurrency,
    contractSize: terms.contracts.linear,
    expiryMs,
  };
}

/** The call and the put of a strike. */
export function optionsOf(
  underlying: string,
  expiryMs: number,
  strike: number,
  terms: Contracts,
): Instrument[] {
  const future = futureOf(underlying, expiryMs, terms);
  const option = (right: Right): Instrument => ({
    ...future,
    id: `${future.id}-${strikeName(strike)}-${right === "call" ? "C" : "P"}`,
    kind: "option",
    right,
    strike,
  });
  return [option("call"), option("put")];
}

/** Everything listed when `instruments` are: their underlyings and the currencies they need. */
export function listingOf(
  underlyings: readonly string[],
  instruments: readonly Instrument[],
  terms: Contracts,
): Listing {
  return {
    underlyings: underlyings.map((id) => ({ id, assetClass: "crypto" })),
    currencies: [
      { id: "USD" },
      { id: terms.settleCurrency },
      ...underlyings.map((id) => ({ id, underlying: id })),
    ],
    instruments,
  };
}
