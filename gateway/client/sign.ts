/**
 * Signs as the gateway checks (docs/protocol.md, Authentication), with WebCrypto: the same code
 * runs in a browser and in Node.
 */
import { canonicalJson } from "../../core/canonical.ts";

export interface ApiKey {
  readonly keyId: string;
  readonly secret: string;
}

export interface SignedParams {
  readonly grant: "hmac";
  readonly keyId: string;
  readonly timestamp: number;
  readonly nonce: string;
  readonly signature: string;
}

/** Random bytes of a nonce; twice as many hex digits. */
const NONCE_BYTES = 16;

/** The params of an `auth` call. */
export async function signedAuth({ keyId, secret }: ApiKey, nowMs: number): Promise<SignedParams> {
  const nonce = hex(crypto.getRandomValues(new Uint8Array(NONCE_BYTES)));
  const params = { grant: "hmac", keyId, timestamp: Math.trunc(nowMs), nonce } as const;
  const signature = await signature64(secret, { ...params, method: "auth", params });
  return { ...params, signature };
}

export interface Signable {
  readonly timestamp: number;
  readonly nonce: string;
  readonly method: string;
  readonly params: unknown;
}

/** 64 hex digits. */
export async function signature64(secret: string, signable: Signable): Promise<string> {
  const { timestamp, nonce, method, params } = signable;
  const digest = hex(await crypto.subtle.digest("SHA-256", bytes(canonicalJson(params))));
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", bytes(secret), algorithm, false, ["sign"]);
  const text = `${timestamp}\n${nonce}\n${method}\n${digest}`;
  return hex(await crypto.subtle.sign("HMAC", key, bytes(text)));
}

/**
 * The `Authorization` header of an HTTP request; a GET signs its path as the method, {} as
 * params.
 */
export async function authorization(
  { keyId, secret }: ApiKey,
  call: { readonly method: string; readonly params: unknown },
  nowMs: number,
): Promise<string> {
  const timestamp = Math.trunc(nowMs);
  const nonce = hex(crypto.getRandomValues(new Uint8Array(NONCE_BYTES)));
  const signature = await signature64(secret, { ...call, timestamp, nonce });
  const parts = { keyId, timestamp, nonce, signature };
  const written = Object.entries(parts).map(([name, value]) => `${name}=${value}`);
  return `Slidewire ${written.join(",")}`;
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function hex(buffer: ArrayBuffer | Uint8Array): string {
  const all = buffer instanceof Uint8Array ? buffer : new Uint8Array(buffer);
  return Array.from(all, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
