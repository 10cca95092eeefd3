/**
 * How a refusal looks on the wire: a JSON-RPC number outside, our own code inside.
 *
 *      {code: -32004, message, data: {code: "unknown_account", kind, path?, expected?, found?,
 *       retryable, retryAfterMs?}}
 *
 * Read `data.code`: it is the contract. The numbers follow JSON-RPC where it has one for the case
 * (-32700 to -32600) and are ours in the range it leaves to servers (-32000 to -32099).
 */
import { type ErrorCode, type ErrorKind, errorTable, type RiskError } from "../../core/errors.ts";

export interface WireError {
  readonly code: number;
  readonly message: string;
  readonly data: {
    readonly code: ErrorCode;
    readonly kind: ErrorKind;
    readonly retryable: boolean;
    readonly path?: string;
    readonly expected?: string;
    readonly found?: string;
    readonly line?: number;
    readonly retryAfterMs?: number;
  };
}

/** Numbers of single codes; every other code takes the number of its kind. */
const numbers: { readonly [code in ErrorCode]?: number } = {
  malformed_json: -32700,
  malformed_frame: -32600,
  unknown_method: -32601,
  auth_required: -32001,
  auth_failed: -32002,
  forbidden: -32003,
  unknown_account: -32004,
  unknown_channel: -32005,
  unknown_path: -32006,
  rate_limited: -32029,
  conflict: -32009,
};
const numberOfKind: Readonly<Record<ErrorKind, number>> = {
  client: -32602,
  market: -32010,
  config: -32011,
  fault: -32603,
};

/** HTTP statuses of single codes; every other code takes the status of its kind. */
const statuses: { readonly [code in ErrorCode]?: number } = {
  auth_required: 401,
  auth_failed: 401,
  forbidden: 403,
  unknown_account: 404,
  unknown_path: 404,
  conflict: 409,
  rate_limited: 429,
  journal_full: 503,
  journal_failed: 503,
};
const statusOfKind: Readonly<Record<ErrorKind, number>> = {
  client: 400,
  market: 503,
  config: 409,
  fault: 500,
};

export function toWireError(error: RiskError): WireError {
  return {
    code: wireNumber(error.code),
    message: errorTable[error.code].hint,
    data: { ...error.body(), retryable: error.retryable },
  };
}

export function wireNumber(code: ErrorCode): number {
  return numbers[code] ?? numberOfKind[errorTable[code].kind];
}

export function httpStatus(code: ErrorCode): number {
  return statuses[code] ?? statusOfKind[errorTable[code].kind];
}
