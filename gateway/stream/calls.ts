/**
 * Carries a request out: finds its method, asks whether the caller may, reads the parameters,
 * runs it.
 *
 * The one place where authorisation is decided for methods, from what their table declares; a
 * method never sees a call that its scope does not allow. The same for a frame and for `POST
 * /rpc`.
 */
import { check } from "../../core/check.ts";
import { RiskError, shown } from "../../core/errors.ts";
import { type Fields, type ObjectOf, object } from "../../core/shape.ts";
import type { Board } from "../board.ts";
import { type Caller, holds, mayRead } from "../control/scopes.ts";
import type { Request } from "../protocol/envelope.ts";
import { ANY_KEY, type MethodSpec, OPEN } from "../protocol/methods.ts";
import type { Session } from "./session.ts";

/** Who calls, from where and when. */
export interface Call {
  readonly caller: Caller | undefined;
  /** The connection; undefined over `POST /rpc`. */
  readonly session: Session | undefined;
  readonly remoteAddress: string;
  /** From this machine and to one of its own names. */
  readonly loopback: boolean;
  /** When the request came, ms since the epoch. */
  readonly nowMs: number;
}

/** A method with what it does. */
export interface Method {
  readonly spec: MethodSpec;
  run(params: unknown, call: Call): unknown;
}

/** Methods by name. */
export type Methods = ReadonlyMap<string, Method>;

/**
 * Binds what a method does to its declaration; `run` gets checked parameters and an allowed caller.
 *
 * @example bind(declare({ name: "fills.apply", scope: "positions:write", … }), (params, call) => …)
 */
export function bind<F extends Fields>(
  spec: MethodSpec<F>,
  run: (params: ObjectOf<F>, call: Call) => unknown,
): Method {
  const shape = object(spec.params);
  return { spec, run: (params, call) => run(check(shape, params, "params"), call) };
}

export function methodsOf(all: readonly Method[]): Methods {
  const byName = new Map<string, Method>();
  for (const method of all) {
    if (byName.has(method.spec.name)) {
      throw new RiskError("invariant_broken", { path: method.spec.name, expected: "one method" });
    }
    byName.set(method.spec.name, method);
  }
  return byName;
}

/** @throws RiskError `unknown_method` */
export function findMethod(methods: Methods, { method }: Request): Method {
  const found = methods.get(method);
  if (found) return found;
  throw new RiskError("unknown_method", {
    path: "method",
    expected: [...methods.keys()].join(", "),
    found: shown(method),
  });
}

export type IsAccount = (account: string) => boolean;

/**
 * Runs the method, or refuses.
 *
 * @throws RiskError from the checks or from the method; a promise rejects with the same
 */
export function carryOut(
  method: Method,
  { params }: Request,
  call: Call,
  isAccount: IsAccount,
): unknown {
  const { spec } = method;
  if (call.session === undefined && !spec.once) {
    throw new RiskError("unsupported", { path: "method", expected: "a WebSocket connection" });
  }
  authorise(spec, params, call, isAccount);
  return method.run(params, call);
}

const ACCOUNT = "{account}";

function authorise(
  spec: MethodSpec,
  params: unknown,
  { caller }: Call,
  isAccount: IsAccount,
): void {
  if (spec.scope === OPEN) return;
  if (caller === undefined) throw new RiskError("auth_required", { expected: "auth" });
  if (spec.scope === ANY_KEY) return;
  for (const scope of spec.scope.split(" ")) {
    if (scope.includes(ACCOUNT)) {
      const { account } = check(object(spec.params), params, "params") as unknown as Accounted;
      const known = spec.opensAccount === true || isAccount(account);
      if (known && holds(caller, scope.replace(ACCOUNT, account))) continue;
      throw unknownAccount("params.account", account);
    }
    if (scope.split("/").some((one) => holds(caller, one))) continue;
    throw new RiskError("forbidden", { expected: `scope ${scope.replaceAll("/", " or ")}` });
  }
}

interface Accounted {
  readonly account: string;
}

/**
 * Nobody is known while the state is being recovered: an account that is there would look missing.
 *
 * @throws RiskError `not_ready`
 */
export function requireRecovered({ lineage }: Pick<Board, "lineage">): void {
  if (lineage !== "") return;
  throw new RiskError("not_ready", { expected: "a recovered state", retryAfterMs: 1_000 });
}

/** The same refusal for an account that is missing and for one that is somebody else's. */
export function unknownAccount(path: string, account: string): RiskError {
  return new RiskError("unknown_account", { path, found: shown(account) });
}

/** @throws RiskError `unknown_account` when it is missing or not the caller's */
export function requireAccount(
  { caller }: Call,
  isAccount: IsAccount,
  { account, path }: { readonly account: string; readonly path: string },
): void {
  if (caller === undefined) throw new RiskError("auth_required", { expected: "auth" });
  if (!mayRead(caller, account) || !isAccount(account)) throw unknownAccount(path, account);
}
