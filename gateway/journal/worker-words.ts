/** What the thread that holds the files is asked, and what it answers. */
import { type ErrorBody, RiskError } from "../../core/errors.ts";
import type { Link, Unchained } from "./frames.ts";
import type { Chain } from "./store.ts";
import type { Retention } from "./turn-segments.ts";

/** Bytes of batches in one answer to a read. */
export const READ_BYTES = 8 * 1024 * 1024;

export interface WorkerSettings {
  readonly data: string;
  readonly retention: Partial<Retention>;
  readonly logBytesMax?: number;
  /** See exit-gate.ts. */
  readonly gate: SharedArrayBuffer;
}

export type Asked =
  | ({ readonly kind: "write" } & Unchained)
  | {
      readonly kind: "read";
      readonly id: number;
      readonly chain: Chain;
      readonly fromSeq: number;
      /** What the first batch must follow. */
      readonly after?: Link;
    }
  | { readonly kind: "keep"; readonly fromSeq: number }
  | { readonly kind: "close" };

export type Answered =
  | {
      readonly kind: "opened";
      readonly lineage: string;
      readonly lastSeqs: Readonly<Record<Chain, number>>;
    }
  | { readonly kind: "refused"; readonly error: ErrorBody }
  | { readonly kind: "written"; readonly chain: Chain; readonly error?: ErrorBody }
  | {
      readonly kind: "read";
      readonly id: number;
      /** All of them checked; none behind the last one when empty. */
      readonly batches: readonly Unchained[];
      readonly after?: Link;
      readonly error?: ErrorBody;
    }
  | { readonly kind: "closed" };

/** The error as it was thrown in the other thread. */
export function errorOf({ code, kind: _, ...detail }: ErrorBody): RiskError {
  return new RiskError(code, detail);
}
