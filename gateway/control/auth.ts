/**
 * Decides who is calling. Default deny: every way through ends in a named grant or a refusal.
 *
 * The order of the steps is the defence: the address's allowance of failures is looked at before
 * anything is computed, the signature is compared in constant time also for a key that does not
 * exist, and a nonce is noted only once its signature held, so strangers cannot fill the store.
 * Every refusal of a grant reads the same, whichever step it failed at.
 */
import { RiskError } from "../../core/errors.ts";
import type { Limits } from "../protocol/limits.ts";
import { type AllowanceBook, openAllowanceBook } from "./allowance.ts";
import type { Key, Keys } from "./keys.ts";
import { openNonces } from "./nonces.ts";
import { openPageTokens, type PageTokens } from "./page-token.ts";
import type { Caller } from "./scopes.ts";
import { isSignature, type Signable } from "./signature.ts";

export interface SignedGrant extends Signable {
  readonly keyId: string;
  /** 64 hex digits. */
  readonly signature: string;
}

/** Whence and when a grant came. */
export interface Arrival {
  readonly remoteAddress: string;
  /** From this machine, and to one of its own names: see gateway/stream/admission.ts. */
  readonly loopback: boolean;
  readonly nowMs: number;
}

export interface Auth {
  /** @throws RiskError `auth_failed` or `rate_limited` */
  bySignature(grant: SignedGrant, arrival: Arrival): Caller;
  /** @throws RiskError `auth_failed` or `rate_limited` */
  byPageToken(token: string, arrival: Arrival): Caller;
  /** Whether the caller's key is still what it was when it signed. */
  stands(caller: Caller): boolean;
  readonly pageTokens: PageTokens;
}

export interface AuthOptions {
  readonly keys: Keys;
  readonly limits: Limits;
  /** Unguessable text for page tokens. */
  readonly random: () => string;
}

/** Stands in for a key that does not exist, so that the answer takes as long. */
const NOBODY = "0".repeat(64);

export function openAuth({ keys, limits, random }: AuthOptions): Auth {
  const nonces = openNonces(2 * limits.skewMs);
  const pageTokens = openPageTokens(random);
  const failures = openAllowanceBook({
    perSecond: limits.authFailuresPerSecond,
    burst: limits.authFailuresBurst,
  });

  const keyBehind = new WeakMap<Caller, Key>();

  const callerOf = ({ keyId, principal, scopes }: Key): Caller => ({ keyId, principal, scopes });
  const holds = (grant: SignedGrant, key: Key | undefined, arrival: Arrival): boolean => {
    const signed = isSignature(key?.secret ?? NOBODY, grant, grant.signature);
    if (!signed || key === undefined) return false;
    if (Math.abs(arrival.nowMs - grant.timestamp) > limits.skewMs) return false;
    if (key.loopbackOnly && !arrival.loopback) return false;
    return nonces.use(`${key.keyId} ${grant.nonce}`, arrival.nowMs);
  };

  return {
    pageTokens,
    bySignature(grant, arrival) {
      return attempt(failures, arrival, () => {
        const key = keys.find(grant.keyId);
        if (!holds(grant, key, arrival) || key === undefined) return undefined;
        const caller = callerOf(key);
        keyBehind.set(caller, key);
        return caller;
      });
    },
    byPageToken(token, arrival) {
      return attempt(failures, arrival, () =>
        arrival.loopback ? pageTokens.redeem(token, arrival.nowMs) : undefined,
      );
    },
    stands(caller) {
      const then = keyBehind.get(caller);
      return then === undefined || sameKey(then, keys.find(caller.keyId));
    },
  };
}

function sameKey(then: Key, now: Key | undefined): boolean {
  return now?.secret === then.secret && now.scopes.join(" ") === then.scopes.join(" ");
}

/** Looks at the address's allowance, tries, and charges a failure. */
function attempt(
  failures: AllowanceBook,
  { remoteAddress, nowMs }: Arrival,
  grant: () => Caller | undefined,
): Caller {
  const allowance = failures.of(remoteAddress, nowMs);
  const retryAfterMs = allowance.wait(1, nowMs);
  if (retryAfterMs > 0) {
    const expected = "fewer failed grants from this address";
    throw new RiskError("rate_limited", { expected, retryAfterMs });
  }
  const caller = grant();
  if (caller !== undefined) return caller;
  allowance.spend(1, nowMs);
  throw new RiskError("auth_failed", {
    expected: "a known key, its signature, a timestamp within the skew and an unused nonce",
  });
}
