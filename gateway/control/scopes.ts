/**
 * Who is calling, and what that key may do. Nothing is allowed that no scope names.
 *
 *      margin:read:{account|*}   figures and positions of an account
 *      regime:read               ranges, vol scale and their evidence
 *      every other scope         as its method declares it
 */
export interface Caller {
  readonly keyId: string;
  /** Whom the key belongs to: what audits name. */
  readonly principal: string;
  readonly scopes: readonly string[];
}

/** Whether a caller holds `scope`, by name or by a `*` in place of its last part. */
export function holds(caller: Caller, scope: string): boolean {
  if (caller.scopes.includes(scope)) return true;
  const parts = scope.split(":");
  if (parts.length < 3) return false;
  return caller.scopes.includes(`${parts[0]}:${parts[1]}:*`);
}

export function mayRead(caller: Caller, account: string): boolean {
  return account !== "*" && holds(caller, `margin:read:${account}`);
}
