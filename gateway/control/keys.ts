/** API keys as the gateway asks for them: who may call, with which secret, and what for. */
import { randomBytes } from "node:crypto";
import type { RiskError } from "../../core/errors.ts";
import type { Caller } from "./scopes.ts";

/** The keys of a data folder, beside the demonstration's. */
export const KEYS_FILE = "keys.json";

export interface Key extends Caller {
  /** The HMAC key, as text. */
  readonly secret: string;
  /** Refused from any other machine. */
  readonly loopbackOnly: boolean;
}

export interface Keys {
  find(keyId: string): Key | undefined;
  /**
   * Looks whether the source has changed; asked twice a second, so that a revoked key stops
   * working. A source that has become unreadable keeps what it had and answers why.
   */
  refresh(): RiskError | undefined;
}

/** Keys that are already in memory. */
export function keysOf(keys: readonly Key[]): Keys {
  const byId = new Map(keys.map((key) => [key.keyId, key]));
  return { find: (keyId) => byId.get(keyId), refresh: () => undefined };
}

/** Several sources as one; the first that knows a key answers. */
export function joinKeys(sources: readonly Keys[]): Keys {
  return {
    find: (keyId) => sources.map((source) => source.find(keyId)).find((key) => key !== undefined),
    refresh: () => sources.map((source) => source.refresh()).find((error) => error !== undefined),
  };
}

/** A key as a file holds it. */
export type StoredKey = Omit<Key, "loopbackOnly">;

export interface NewKey {
  readonly principal: string;
  readonly scopes: readonly string[];
  /** Taken at random when absent. */
  readonly keyId?: string;
}

/** A key with a fresh secret of 256 random bits. */
export function newKey({ principal, scopes, keyId }: NewKey): StoredKey {
  const id = keyId ?? `key-${randomBytes(6).toString("hex")}`;
  return { keyId: id, secret: randomBytes(32).toString("hex"), principal, scopes };
}
