/**
 * Every refusal that the system can give, in one table: the code is the contract, the text may
 * change.
 *
 * `kind` tells who can act on it. A `client` error is answered to whoever asked, and counted; a
 * `market` error clears itself with the next good mark; a `config` error refuses the change and
 * keeps what was; a `fault` is a bug of ours: it is logged with its cause and ends the process, for
 * a margin from a broken engine is worse than no margin.
 */
export type ErrorKind = "client" | "market" | "config" | "fault";

interface ErrorEntry {
  readonly kind: ErrorKind;
  readonly hint: string;
  /** The same request may succeed later, unchanged; a refusal may know better of itself. */
  readonly retryable?: true;
}

export const errorTable = {
  // Shapes: any document, file, frame or flag that comes from outside.
  malformed_json: { kind: "client", hint: "the text is not JSON" },
  missing_field: { kind: "client", hint: "a required field is absent" },
  unknown_key: { kind: "client", hint: "the field is not part of the document" },
  wrong_type: { kind: "client", hint: "the field has another type" },
  not_finite: { kind: "client", hint: "the number is NaN or infinite" },
  out_of_bounds: { kind: "client", hint: "the value lies outside its bounds" },
  unknown_value: { kind: "client", hint: "the value is none of those allowed" },
  limit_exceeded: { kind: "client", hint: "there are more of them than the limit allows" },
  // References inside a book.
  unknown_instrument: { kind: "client", hint: "the instrument is not listed" },
  unknown_underlying: { kind: "client", hint: "the underlying is not listed" },
  unknown_currency: { kind: "client", hint: "the currency has no price" },
  unknown_terms: { kind: "config", hint: "no preset or file of that name" },
  duplicate_position: { kind: "client", hint: "the instrument is held twice" },
  instrument_expired: { kind: "client", hint: "the instrument is past its expiry" },
  unsupported: { kind: "client", hint: "the combination is not supported" },
  price_out_of_bounds: { kind: "client", hint: "no vol gives that price" },
  // Commands that may not enter the list.
  account_exists: { kind: "client", hint: "an account of that name is open" },
  already_listed: { kind: "client", hint: "the name is listed as something else" },
  instrument_held: { kind: "client", hint: "somebody holds it or has orders in it" },
  insufficient_headroom: { kind: "client", hint: "initial margin would exceed equity" },
  // Terms and other settings.
  terms_invalid: { kind: "config", hint: "the terms contradict themselves" },
  // The command line and the machine around it.
  unknown_flag: { kind: "client", hint: "the command does not know the flag" },
  unknown_command: { kind: "client", hint: "there is no such command" },
  unreadable_file: { kind: "client", hint: "the file cannot be read" },
  malformed_file: { kind: "client", hint: "the file is not what it should be" },
  port_taken: { kind: "client", hint: "another process listens there" },
  node_too_old: { kind: "client", hint: "this Node.js is not supported" },
  transport_unavailable: { kind: "config", hint: "the transport does not load here" },
  // The wire.
  malformed_frame: { kind: "client", hint: "the frame is not a request" },
  unknown_method: { kind: "client", hint: "there is no such method" },
  unknown_channel: { kind: "client", hint: "there is no such channel" },
  unknown_path: { kind: "client", hint: "there is nothing at that address" },
  unknown_account: { kind: "client", hint: "no such account, or not yours" },
  auth_required: { kind: "client", hint: "authenticate first" },
  auth_failed: { kind: "client", hint: "the grant was not accepted" },
  forbidden: { kind: "client", hint: "the key lacks the scope" },
  rate_limited: { kind: "client", hint: "too many requests", retryable: true },
  conflict: { kind: "client", hint: "it does not fit what came before", retryable: true },
  unreachable: { kind: "client", hint: "nobody answers there", retryable: true },
  not_ready: { kind: "market", hint: "no figure is known yet", retryable: true },
  // The journal.
  in_use: { kind: "client", hint: "another process holds the data folder" },
  corrupt: { kind: "client", hint: "it is not what was written" },
  journal_full: { kind: "client", hint: "nothing can be written now", retryable: true },
  journal_failed: { kind: "client", hint: "the journal cannot be trusted until a restart" },
  // The market.
  mark_stale: { kind: "market", hint: "no mark within the staleness limit", retryable: true },
  mark_refused: { kind: "market", hint: "the mark failed the guard" },
  account_incomplete: { kind: "market", hint: "a leg has no price", retryable: true },
  // Our own faults.
  risk_not_finite: { kind: "fault", hint: "a figure is NaN or infinite" },
  invariant_broken: { kind: "fault", hint: "a state that cannot be was reached" },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorTable;

export interface ErrorDetail {
  /** Where: a JSON pointer-like path into the document, `account.positions[3].quantity`. */
  readonly path?: string;
  /** What would have been right, units included. */
  readonly expected?: string;
  /** What stood there, shortened to a line. */
  readonly found?: string;
  /** 1-based line of a file or stream. */
  readonly line?: number;
  /** When asking again may succeed, ms from now. */
  readonly retryAfterMs?: number;
  /** This one cannot succeed by asking again, though others of its code may. */
  readonly retryable?: false;
}

/** What a refusal looks like on every door: standard error, HTTP and WebSocket alike. */
export interface ErrorBody extends ErrorDetail {
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
}

/** The one error class. Nothing else is thrown on purpose. */
export class RiskError extends Error {
  override readonly name = "RiskError";
  readonly code: ErrorCode;
  readonly detail: ErrorDetail;

  constructor(code: ErrorCode, detail: ErrorDetail = {}, options?: ErrorOptions) {
    super(sentence(code, detail), options);
    this.code = code;
    this.detail = detail;
  }

  get kind(): ErrorKind {
    return errorTable[this.code].kind;
  }

  get retryable(): boolean {
    return this.detail.retryable ?? "retryable" in errorTable[this.code];
  }

  /** The error as a plain object for a door. */
  body(): ErrorBody {
    return { code: this.code, kind: this.kind, ...this.detail };
  }
}

/** Longest `found` that is repeated to whoever sent it. */
export const FOUND_CHARACTERS_MAX = 80;

/** A value as it may be shown in `found`: one line, bounded, whatever it was. */
export function shown(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : plain(value);
  return text.length <= FOUND_CHARACTERS_MAX ? text : `${text.slice(0, FOUND_CHARACTERS_MAX - 1)}…`;
}

function plain(value: unknown): string {
  if (Array.isArray(value)) return `array of ${value.length}`;
  if (value !== null && typeof value === "object") return "object";
  return typeof value === "function" ? "function" : String(value);
}

function sentence(code: ErrorCode, { path, expected, found, line }: ErrorDetail): string {
  const where = [line === undefined ? "" : `line ${line}`, path ?? ""].filter(Boolean).join(", ");
  const what = [
    expected === undefined ? "" : `expected ${expected}`,
    found === undefined ? "" : `found ${found}`,
  ].filter(Boolean);
  const tail = what.length > 0 ? ` (${what.join(", ")})` : "";
  return `${code}: ${where === "" ? "" : `${where}: `}${errorTable[code].hint}${tail}`;
}
