/**
 * The same methods and reads once, over HTTP: `POST /rpc` and `GET /v1/…`, signed in a header.
 *
 *      Authorization: Slidewire keyId=…,timestamp=…,nonce=…,signature=…
 *
 * A call signs its method and params; a GET signs its path as the method and {} as params.
 */
import { RiskError, shown } from "../../core/errors.ts";
import { parseJson } from "../../core/parse-json.ts";
import type { Board } from "../board.ts";
import type { Clock } from "../clock.ts";
import { openAllowanceBook } from "../control/allowance.ts";
import type { Auth, SignedGrant } from "../control/auth.ts";
import { type Caller, holds } from "../control/scopes.ts";
import {
  errorReply,
  idOf,
  type RequestId,
  readRequest,
  resultReply,
} from "../protocol/envelope.ts";
import { httpStatus } from "../protocol/errors.ts";
import { requireFinite } from "../protocol/finite-tree.ts";
import type { Limits } from "../protocol/limits.ts";
import { type Recordings, recordFiles } from "../record.ts";
import { isLoopbackVisitor } from "./admission.ts";
import {
  type Call,
  carryOut,
  findMethod,
  type IsAccount,
  type Methods,
  requireAccount,
} from "./calls.ts";
import { micros, toRefusal } from "./dispatch.ts";
import { known } from "./reads.ts";
import { jsonResponse, type Route } from "./routes.ts";
import type { HttpRequest, HttpResponse } from "./socket.ts";

export interface RpcOptions {
  readonly board: Board;
  readonly methods: Methods;
  readonly auth: Auth;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly isAccount: IsAccount;
  /** What the regimes folded and published; without it there are no files of it. */
  readonly recordings?: Recordings | undefined;
  fault(error: unknown): void;
}

/** Drawn for reading a whole book, or a file of the record. */
const BOOK_COST = 10;

export function rpcRoutes(options: RpcOptions): readonly Route[] {
  const { limits } = options;
  const rate = { perSecond: limits.costPerSecond, burst: limits.costBurst };
  const allowances = openAllowanceBook(rate);
  const charge: Charge = ({ remoteAddress }, cost, nowMs) => {
    const retryAfterMs = allowances.of(remoteAddress, nowMs).spend(cost, nowMs);
    if (retryAfterMs === 0) return;
    throw new RiskError("rate_limited", { expected: "fewer requests", retryAfterMs });
  };
  return [
    { method: "POST", path: "/rpc", answer: (request) => rpc(options, charge, request) },
    {
      method: "GET",
      path: "/v1/accounts/*/book",
      answer: (request, [account = ""]) => book(options, charge, { request, account }),
    },
    ...(options.recordings === undefined ? [] : recordRoutes(options, charge, options.recordings)),
  ];
}

const RECORD_SCOPE = "regime:read";

/** `bars.csv` and `series.csv` of an underlying, as `slidewire study` reads and writes them. */
function recordRoutes(options: RpcOptions, charge: Charge, recordings: Recordings): Route[] {
  return recordFiles.map((file) => ({
    method: "GET",
    path: `/v1/regime/*/${file}.csv`,
    answer: async (request, [underlying = ""]) => {
      const call = callOf(options, request, { method: request.path, params: {} });
      charge(request, BOOK_COST, call.nowMs);
      if (call.caller === undefined) throw new RiskError("auth_required", { expected: "auth" });
      if (!holds(call.caller, RECORD_SCOPE))
        throw new RiskError("forbidden", { expected: `scope ${RECORD_SCOPE}` });
      const lines = recordings.csv(underlying, file);
      if (lines === undefined)
        throw new RiskError("unknown_path", { path: "underlying", found: shown(underlying) });
      return { status: 200, headers: CSV_TYPE, body: await written(lines, options.clock) };
    },
  }));
}

/** Lines written before marks have their turn: two milliseconds. */
const LINES_AT_ONCE = 1_000;

/** A year of bars is twenty megabytes of text: margins do not wait for it. */
async function written(lines: Iterable<string>, clock: Pick<Clock, "soon">): Promise<string> {
  const parts: string[] = [];
  let part: string[] = [];
  for (const line of lines) {
    part.push(line);
    if (part.length < LINES_AT_ONCE) continue;
    parts.push(part.join("\n"));
    part = [];
    await new Promise<void>((done) => clock.soon(done));
  }
  return [...parts, ...(part.length > 0 ? [part.join("\n")] : []), ""].join("\n");
}

const CSV_TYPE = { "content-type": "text/csv; charset=utf-8" };

type Charge = (request: HttpRequest, cost: number, nowMs: number) => void;

interface BookRequest {
  readonly request: HttpRequest;
  readonly account: string;
}

function book(
  options: RpcOptions,
  charge: Charge,
  { request, account }: BookRequest,
): HttpResponse {
  const call = callOf(options, request, { method: request.path, params: {} });
  charge(request, BOOK_COST, call.nowMs);
  requireAccount(call, options.isAccount, { account, path: "account" });
  const tree = known(options.board.book(account));
  requireFinite(tree);
  return jsonResponse(200, tree);
}

async function rpc(
  options: RpcOptions,
  charge: Charge,
  request: HttpRequest,
): Promise<HttpResponse> {
  const nowMs = options.clock.now();
  const us = () => ({ in: micros(nowMs), out: micros(options.clock.now()) });
  let id: RequestId | undefined = null;
  try {
    charge(request, 1, nowMs);
    const tree = parseJson(textOf(request.body), { depthMax: options.limits.depth });
    id = idOf(tree);
    const asked = readRequest(tree);
    id = asked.id;
    const method = findMethod(options.methods, asked);
    charge(request, method.spec.cost - 1, nowMs);
    const call = callOf(options, request, asked);
    const result = await carryOut(method, asked, call, options.isAccount);
    requireFinite(result);
    if (id === undefined) return { status: 204, body: "" };
    return jsonResponse(200, resultReply(id, result, us()));
  } catch (error) {
    const refusal = toRefusal(error, options.fault);
    return jsonResponse(httpStatus(refusal.code), errorReply(id ?? null, refusal, us()));
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function textOf(body: Uint8Array): string {
  try {
    return utf8.decode(body);
  } catch (cause) {
    throw new RiskError("malformed_json", { expected: "UTF-8" }, { cause });
  }
}

interface Signed {
  readonly method: string;
  readonly params: unknown;
}

function callOf(options: RpcOptions, request: HttpRequest, signed: Signed): Call {
  const { remoteAddress } = request;
  const loopback = isLoopbackVisitor(request);
  const nowMs = options.clock.now();
  const arrival = { remoteAddress, loopback, nowMs };
  const caller = callerOf(options.auth, request, { ...signed, arrival });
  return { caller, session: undefined, remoteAddress, loopback, nowMs };
}

function callerOf(
  auth: Auth,
  { headers }: HttpRequest,
  { method, params, arrival }: Signed & { readonly arrival: Parameters<Auth["bySignature"]>[1] },
): Caller | undefined {
  const header = headers["authorization"];
  if (header === undefined) return undefined;
  return auth.bySignature({ ...readAuthorization(header), method, params }, arrival);
}

const AUTHORIZATION = new RegExp(
  [
    "^Slidewire keyId=([A-Za-z0-9._-]{1,128})",
    "timestamp=(\\d{1,16})",
    "nonce=([0-9a-fA-F]{16,64})",
    "signature=([0-9a-fA-F]{64})$",
  ].join(", ?"),
);

/** @throws RiskError `auth_failed` when the header is of another form */
export function readAuthorization(header: string): Omit<SignedGrant, "method" | "params"> {
  const [, keyId, timestamp, nonce, signature] = AUTHORIZATION.exec(header) ?? [];
  if (keyId && timestamp && nonce && signature) {
    return { keyId, timestamp: Number(timestamp), nonce, signature };
  }
  throw new RiskError("auth_failed", {
    path: "Authorization",
    expected: "Slidewire keyId=…,timestamp=…,nonce=…,signature=…",
  });
}
