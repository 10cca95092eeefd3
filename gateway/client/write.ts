/**
 * Writes that happen once: each has a key, and is sent again with it when its answer was lost.
 */
import { RiskError } from "../../core/errors.ts";
import type { Applied } from "../protocol/write-specs.ts";
import type { MethodName, ParamsOf } from "./params.ts";

export type { Applied } from "../protocol/write-specs.ts";

/** Methods that write an account. */
export type WriteName = Extract<
  MethodName,
  "accounts.open" | "fills.apply" | "positions.set" | "collateral.set" | "orders.set"
>;

/** The params of a write; without a key one is drawn. */
export type WriteParams<N extends WriteName> = Omit<ParamsOf<N>, "idempotencyKey"> & {
  readonly idempotencyKey?: string;
};

export interface WriteOptions {
  /** For how long it is tried, ms (30,000). */
  readonly withinMs?: number;
}

/** Default of `withinMs`. */
export const WRITE_MS = 30_000;
const PAUSE_MS = 100;

/** What the line to the gateway offers. */
export interface Sender {
  request(method: string, params: object): Promise<unknown>;
  closed(): boolean;
  now(): number;
}

/**
 * Sends until it is answered: what passes by itself is waited for, a refusal is not.
 *
 * @throws RiskError the refusal, or `unreachable` when there was no answer in time: then nobody can
 * say whether it was applied, and the same key finds out
 */
export async function writeOnce(
  sender: Sender,
  method: WriteName,
  params: object,
  { withinMs = WRITE_MS }: WriteOptions,
): Promise<Applied> {
  const until = sender.now() + withinMs;
  const keyed = { idempotencyKey: crypto.randomUUID(), ...params };
  for (;;) {
    try {
      return (await sender.request(method, keyed)) as Applied;
    } catch (error) {
      const waitMs = mayAskAgain(error);
      const late = sender.now() + (waitMs ?? 0) > until;
      if (waitMs === undefined || late || sender.closed()) throw error;
      await new Promise((resolve) => {
        setTimeout(resolve, waitMs);
      });
    }
  }
}

/** What passes: a broken line, a full allowance, a gateway that recovers, a disk without room. */
const waitedFor: readonly string[] = ["unreachable", "rate_limited", "not_ready", "journal_full"];

/** Ms to wait before the same write may be sent again; undefined: it was refused. */
function mayAskAgain(error: unknown): number | undefined {
  if (!(error instanceof RiskError)) return undefined;
  const { code, detail } = error;
  return waitedFor.includes(code) ? (detail.retryAfterMs ?? PAUSE_MS) : undefined;
}
