/**
 * Who gets in: one signature in the docs, ten thousand forged ones, and every way to be refused.
 */
import { describe, expect, it } from "vitest";
import { seededChance } from "../../core/chance.test-kit.ts";
import { defaultLimits, type Limits } from "../protocol/limits.ts";
import { type Arrival, openAuth, type SignedGrant } from "./auth.ts";
import { type Key, keysOf } from "./keys.ts";
import { PAGE_TOKEN_MS, PAGE_TOKENS_MAX } from "./page-token.ts";
import { sign } from "./signature.ts";

const nowMs = 1_800_000_000_000;
const here: Arrival = { remoteAddress: "127.0.0.1", loopback: true, nowMs };
const key: Key = {
  keyId: "trader",
  secret: "0123456789abcdef0123456789abcdef",
  principal: "desk",
  scopes: ["margin:read:*"],
  loopbackOnly: false,
};
const demo: Key = { ...key, keyId: "demo", loopbackOnly: true };
const limits: Limits = { ...defaultLimits, authFailuresBurst: 20_000 };

const openFor = (keys = keysOf([key, demo]), own = limits) => {
  let tokens = 0;
  return openAuth({
    keys,
    limits: own,
    random: () => {
      tokens += 1;
      return `token-${tokens}`;
    },
  });
};

const grantOf = (over: Partial<SignedGrant> = {}, secret = key.secret): SignedGrant => {
  const params = {
    grant: "hmac",
    keyId: "trader",
    timestamp: nowMs,
    nonce: "00112233445566778899",
  };
  const unsigned = { ...params, method: "auth", params, ...over };
  return { ...unsigned, signature: over.signature ?? sign(secret, unsigned) };
};

describe("a signature", () => {
  it("lets its key in, once", () => {
    const auth = openFor();
    expect(auth.bySignature(grantOf(), here)).toEqual({
      keyId: "trader",
      principal: "desk",
      scopes: ["margin:read:*"],
    });
    expect(() => auth.bySignature(grantOf(), here)).toThrow(/auth_failed/);
  });

  it.each([
    ["at the edge of the skew before", -limits.skewMs, true],
    ["beyond it", -limits.skewMs - 1, false],
    ["at the edge of the skew after", limits.skewMs, true],
    ["beyond that", limits.skewMs + 1, false],
  ])("%s is taken: %3$s", (_, offsetMs, taken) => {
    const params = { grant: "hmac", keyId: "trader", timestamp: nowMs + offsetMs };
    const grant = grantOf({ timestamp: nowMs + offsetMs, params });
    const attempt = () => openFor().bySignature(grant, here);
    if (taken) expect(attempt).not.toThrow();
    else expect(attempt).toThrow(/auth_failed/);
  });

  it("cannot be replayed at any time at which its timestamp would still be taken", () => {
    const auth = openFor();
    const grant = grantOf({ timestamp: nowMs + limits.skewMs });
    auth.bySignature(grant, here);
    for (let laterMs = 0; laterMs <= 2 * limits.skewMs; laterMs += 500) {
      expect(() => auth.bySignature(grant, { ...here, nowMs: nowMs + laterMs })).toThrow();
    }
  });

  it.each([
    ["another method", { method: "margin.get" }],
    ["other params", { params: { account: "mm-2" } }],
    ["another nonce", { nonce: "ffffffffffffffffffff" }],
    ["another timestamp", { timestamp: nowMs + 1 }],
    ["another key", { keyId: "demo2" }],
    ["a key that does not exist", { keyId: "nobody" }],
  ])("does not hold for %s", (_, change) => {
    const forged = { ...grantOf(), ...change };
    expect(() => openFor().bySignature(forged, here)).toThrow(/auth_failed/);
  });

  it("reads the same whichever step refused it", () => {
    const refusals = [
      { ...grantOf(), keyId: "nobody" },
      grantOf({ signature: "0".repeat(64) }),
      grantOf({ timestamp: 5 }),
    ].map((grant) => {
      try {
        return openFor().bySignature(grant, here);
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(new Set(refusals).size).toBe(1);
    expect(refusals[0]).toContain("auth_failed");
  });

  it("does not hold with any of 10,000 flipped digits; seed 3", () => {
    const auth = openFor();
    const chance = seededChance(3);
    const { signature } = grantOf();
    let accepted = 0;
    for (let i = 0; i < 10_000; i++) {
      const digits = [...signature];
      for (let flips = chance.below(3); flips >= 0; flips--) {
        const at = chance.below(64);
        digits[at] = ((Number.parseInt(digits[at]!, 16) + 1 + chance.below(15)) % 16).toString(16);
      }
      const forged = digits.join("");
      if (forged === signature) continue;
      try {
        auth.bySignature(grantOf({ signature: forged }), here);
        accepted += 1;
      } catch {
        // Refused, as it should be.
      }
    }
    expect(accepted).toBe(0);
    expect(() => auth.bySignature(grantOf(), here)).not.toThrow();
  });
});

describe("a demo key", () => {
  const grant = () => {
    const params = { keyId: "demo" };
    return grantOf({ keyId: "demo", params });
  };

  it("is good on this machine", () => {
    expect(openFor().bySignature(grant(), here).keyId).toBe("demo");
  });

  it("is refused from anywhere else, and under a name that is not this machine's", () => {
    expect(() => openFor().bySignature(grant(), { ...here, loopback: false })).toThrow(
      /auth_failed/,
    );
  });
});

describe("failures", () => {
  const strict = { ...defaultLimits, authFailuresBurst: 3, authFailuresPerSecond: 1 };
  const forged = () => grantOf({ signature: "0".repeat(64) });

  it("of one address are refused unread after a few, and regained with time", () => {
    const auth = openFor(undefined, strict);
    for (let i = 0; i < 3; i++) {
      expect(() => auth.bySignature(forged(), here)).toThrow(/auth_failed/);
    }
    expect(() => auth.bySignature(grantOf(), here)).toThrow(
      expect.objectContaining({
        code: "rate_limited",
        detail: expect.objectContaining({ retryAfterMs: 1_000 }),
      }),
    );
    const later = { ...here, nowMs: nowMs + 1_000 };
    expect(() => auth.bySignature(grantOf(), later)).not.toThrow();
  });

  it("do not touch another address", () => {
    const auth = openFor(undefined, strict);
    for (let i = 0; i < 4; i++) {
      expect(() => auth.bySignature(forged(), here)).toThrow();
    }
    const elsewhere = { ...here, remoteAddress: "10.0.0.1" };
    expect(() => auth.bySignature(grantOf(), elsewhere)).not.toThrow();
  });
});

describe("stands", () => {
  const changed = (change: Partial<Key> | undefined): boolean => {
    let current: Key | undefined = key;
    const auth = openFor({ find: () => current, refresh: () => undefined });
    const caller = auth.bySignature(grantOf(), here);
    current = change && { ...key, ...change };
    return auth.stands(caller);
  };

  it.each([
    ["a key that is as it was", {}, true],
    ["a key that is gone", undefined, false],
    ["a key of another secret", { secret: "f".repeat(32) }, false],
    ["a key of other scopes", { scopes: ["margin:read:mm-1"] }, false],
  ])("%s: %3$s", (_, change, stands) => {
    expect(changed(change)).toBe(stands);
  });
});

describe("a page token", () => {
  it("lets its page read, once", () => {
    const auth = openFor();
    const token = auth.pageTokens.issue(nowMs);
    const caller = auth.byPageToken(token, here);
    expect(caller.scopes).toEqual(["margin:read:*", "regime:read"]);
    expect(auth.stands(caller)).toBe(true);
    expect(() => auth.byPageToken(token, here)).toThrow(/auth_failed/);
  });

  it.each([
    ["from another machine", { loopback: false }],
    ["too late", { nowMs: nowMs + PAGE_TOKEN_MS + 1 }],
  ])("is refused %s", (_, change) => {
    const auth = openFor();
    const token = auth.pageTokens.issue(nowMs);
    expect(() => auth.byPageToken(token, { ...here, ...change })).toThrow(/auth_failed/);
  });

  it("makes room for a newer one when there are too many", () => {
    const auth = openFor();
    const first = auth.pageTokens.issue(nowMs);
    const others = Array.from({ length: PAGE_TOKENS_MAX }, () => auth.pageTokens.issue(nowMs));
    expect(() => auth.byPageToken(first, here)).toThrow(/auth_failed/);
    expect(() => auth.byPageToken(others[0]!, here)).not.toThrow();
  });
});
