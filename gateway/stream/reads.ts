/** The methods that read: what the board knows, in the shape that methods.ts declares. */
import { RiskError } from "../../core/errors.ts";
import type { Instrument } from "../../core/instrument.ts";
import type { Board, WireTree } from "../board.ts";
import { defaultLimits, type Limits } from "../protocol/limits.ts";
import { methods } from "../protocol/methods.ts";
import { bind, type Method } from "./calls.ts";

export interface Identity {
  readonly version: string;
  readonly transport: string;
  readonly boot: string;
}

export interface ReadOptions {
  readonly board: Board;
  readonly limits: Limits;
  readonly identity: Identity;
}

export const PROTOCOL = "slidewire.v1";

export function readMethods({ board, limits, identity }: ReadOptions): readonly Method[] {
  const { version, transport, boot } = identity;
  return [
    bind(methods.hello, () => ({
      server: "slidewire",
      version,
      protocol: PROTOCOL,
      transport,
      limits,
      boot,
      lineage: board.lineage,
    })),
    bind(methods.ping, () => ({ pong: true })),
    bind(methods.time, (_, { nowMs }) => ({ ts: nowMs, turn: board.turn(), at: board.at() })),
    bind(methods.instruments, (params) => {
      const { underlyings, currencies, instruments } = board.listing();
      const page = instrumentPage(instruments, params, limits.instrumentsPage);
      return { turn: board.turn(), underlyings, currencies, ...page };
    }),
    bind(methods.marginGet, ({ account }) => known(board.statement(account))),
    bind(methods.positionsGet, ({ account }) => ({
      turn: board.turn(),
      ...known(board.positions(account)),
    })),
  ];
}

/** @throws RiskError `not_ready` while there are no figures */
export function known(tree: WireTree | undefined): WireTree {
  if (tree !== undefined) return tree;
  throw new RiskError("not_ready", { expected: "the first figures", retryAfterMs: 1_000 });
}

interface PageQuery {
  readonly underlying?: string;
  readonly kind?: string;
  readonly limit?: number;
  readonly after?: string;
}

interface InstrumentPage {
  readonly instruments: readonly Instrument[];
  /** Id to ask on from; null on the last page. */
  readonly next: string | null;
}

/** The instruments after `after` in order of id (UTF-16 code units), at most `limit` of them. */
export function instrumentPage(
  all: readonly Instrument[],
  { underlying, kind, limit = defaultLimits.instrumentsPage, after = "" }: PageQuery,
  pageMax: number,
): InstrumentPage {
  const wanted = all
    .filter((one) => underlying === undefined || one.underlying === underlying)
    .filter((one) => kind === undefined || one.kind === kind)
    .filter((one) => one.id > after)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const instruments = wanted.slice(0, Math.min(limit, pageMax));
  const more = instruments.length < wanted.length;
  return { instruments, next: more ? instruments.at(-1)!.id : null };
}
