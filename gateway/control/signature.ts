/**
 * What an API key signs, and the check of it.
 *
 *      signature = hex HMAC-SHA256(secret as text,
 *                    timestamp \n nonce \n method \n sha256hex(canonical JSON of params))
 *
 * `params` are those of the call without `signature`; a plain GET signs its path as the method and
 * {} as params. The text is the same whatever the codec, so it does not depend on who encodes maps
 * in which order. The worked vector in docs/protocol.md is recomputed by a test.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { canonicalJson } from "../../core/canonical.ts";

export interface Signable {
  /** ms since the epoch. */
  readonly timestamp: number;
  /** 16 to 64 hex digits. */
  readonly nonce: string;
  readonly method: string;
  /** Without `signature`. */
  readonly params: unknown;
}

/** The text under the HMAC. */
export function signedText({ timestamp, nonce, method, params }: Signable): string {
  const digest = createHash("sha256").update(canonicalJson(params)).digest("hex");
  return `${timestamp}\n${nonce}\n${method}\n${digest}`;
}

/** The signature in lower-case hex. */
export function sign(secret: string, signable: Signable): string {
  return createHmac("sha256", secret).update(signedText(signable)).digest("hex");
}

/** Compares in constant time; a signature that is not 64 hex digits is not equal. */
export function isSignature(secret: string, signable: Signable, signature: string): boolean {
  const given = Buffer.from(signature, "hex");
  const wanted = Buffer.from(sign(secret, signable), "hex");
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
