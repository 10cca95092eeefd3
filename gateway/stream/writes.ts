/**
 * The methods that write: a request becomes one command of the list, and is answered when that is
 * on disk and folded.
 *
 *      amounts made exact ─► command with the sender's key ─► flow ─► {seq, lineage, version, …}
 *
 * Amounts are written in their shortest form before anything is compared: so the same write is the
 * same command whether it said 1, "1" or "1.0", and its key finds it again.
 */
import type { AccountCommands, FillLine, PositionLine } from "../../core/engine/command.ts";
import { type ErrorDetail, RiskError, shown } from "../../core/errors.ts";
import { formatExact, parseAmount } from "../../core/money.ts";
import type { MarksPort } from "../feed/marks-port.ts";
import type { Flow } from "../flow.ts";
import { methods } from "../protocol/methods.ts";
import type { Applied } from "../protocol/write-specs.ts";
import { bind, type Call, type Method } from "./calls.ts";

export interface WriteOptions {
  readonly flow: Pick<Flow, "apply">;
  /** Takes marks; without it `marks.put` is not offered. */
  readonly marks?: MarksPort;
}

/** What of a request is no part of its command. */
interface Keyed {
  readonly idempotencyKey: string;
  readonly expectedVersion?: number;
}

type Amount = number | string;

export function writeMethods({ flow, marks }: WriteOptions): readonly Method[] {
  const write = (command: AccountCommands, keyed: Keyed) => apply(flow, command, keyed);
  return [
    bind(methods.accountsOpen, ({ account, mode = "portfolio", ...keyed }) =>
      write({ kind: "Account", account, mode, expect: "new" }, keyed),
    ),
    bind(methods.fillsApply, ({ account, fills, ...keyed }) =>
      write({ kind: "Fill", account, fills: fills.map(fillOf) }, keyed),
    ),
    bind(methods.positionsSet, ({ account, positions, ...keyed }) => {
      const lines = positions.map((line, i) => lineOf(line, `params.positions[${i}]`));
      return write({ kind: "Positions", account, positions: lines }, keyed);
    }),
    bind(methods.collateralSet, ({ account, balances, ...keyed }) =>
      write({ kind: "Balances", account, balances: balancesOf(balances) }, keyed),
    ),
    bind(methods.ordersSet, ({ account, orders, ...keyed }) => {
      const resting = orders.map(({ quantity, price, reduceOnly = false, ...order }) => ({
        ...order,
        quantity: Number(quantity),
        price: Number(price),
        reduceOnly,
      }));
      return write({ kind: "Orders", account, orders: resting }, keyed);
    }),
    ...(marks === undefined
      ? []
      : [bind(methods.marksPut, (params, call) => marks.put(params, senderOf(call)))]),
  ];
}

/** The key that calls: its scope has been asked for, so there is one. */
const senderOf = ({ caller }: Call): string => caller!.keyId;

async function apply(
  flow: Pick<Flow, "apply">,
  command: AccountCommands,
  { idempotencyKey: key, expectedVersion }: Keyed,
): Promise<Applied> {
  const options = expectedVersion === undefined ? {} : { expectedVersion };
  try {
    const { version, ...applied } = await flow.apply({ ...command, key }, options);
    return { ...applied, version: version! };
  } catch (error) {
    throw error instanceof RiskError && error.kind !== "fault" ? atDoor(error) : error;
  }
}

/** As `exact` writes it: a fee of nothing is the same as none. */
const NO_FEE = "0";

function fillOf(
  { fee, ...line }: Parameters<typeof lineOf>[0] & { readonly fee?: Amount },
  i: number,
): FillLine {
  const path = `params.fills[${i}]`;
  const paid = fee === undefined ? NO_FEE : exact(fee, `${path}.fee`);
  return { ...lineOf(line, path), ...(paid === NO_FEE ? {} : { fee: paid }) };
}

function lineOf(
  line: { readonly instrument: string; readonly quantity: Amount; readonly price: Amount },
  path: string,
): PositionLine {
  const { instrument } = line;
  const quantity = exact(line.quantity, `${path}.quantity`);
  return { instrument, quantity, price: exact(line.price, `${path}.price`) };
}

function balancesOf(balances: readonly { readonly currency: string; readonly amount: Amount }[]) {
  const seen = new Set<string>();
  return balances.map(({ currency, amount }, i) => {
    const path = `params.balances[${i}]`;
    if (seen.has(currency)) {
      const detail = { path: `${path}.currency`, expected: "each currency once" };
      throw new RiskError("unsupported", { ...detail, found: shown(currency) });
    }
    seen.add(currency);
    return { currency, amount: exact(amount, `${path}.amount`) };
  });
}

const exact = (value: Amount, path: string): string => formatExact(parseAmount(value, path));

/** Members of commands by the name that the wire has for them. */
const wireNames: Readonly<Record<string, string>> = {
  key: "idempotencyKey",
  currency: "balances",
};
const MEMBER = /^(account|mode|fills|positions|orders|key|currency|expectedVersion)(?!\.)/;

/** The refusal with its path as the sender wrote it. */
function atDoor(error: RiskError): RiskError {
  const { path } = error.detail;
  const [name] = MEMBER.exec(path ?? "") ?? [];
  if (path === undefined || name === undefined) return error;
  const detail: ErrorDetail = {
    ...error.detail,
    path: `params.${wireNames[name] ?? name}${path.slice(name.length)}`,
  };
  return new RiskError(error.code, detail, { cause: error });
}
