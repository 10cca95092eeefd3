/**
 * Token buckets and the nonce store: what is spent, what comes back, and what happens when full.
 */
import { describe, expect, it } from "vitest";
import { openAllowance, openAllowanceBook } from "./allowance.ts";
import { openNonces } from "./nonces.ts";

const rate = { perSecond: 10, burst: 20 };

describe("an allowance", () => {
  it("gives its burst at once and then what comes back", () => {
    const allowance = openAllowance(rate);
    expect(allowance.spend(20, 0)).toBe(0);
    expect(allowance.spend(1, 0)).toBe(100);
    expect(allowance.spend(1, 99)).toBe(1);
    expect(allowance.spend(1, 100)).toBe(0);
    expect(allowance.spend(1, 100)).toBe(100);
  });

  it("takes nothing when it refuses", () => {
    const allowance = openAllowance(rate);
    expect(allowance.spend(21, 0)).toBeGreaterThan(0);
    expect(allowance.spend(20, 0)).toBe(0);
  });

  it("never holds more than its burst", () => {
    const allowance = openAllowance(rate);
    expect(allowance.wait(20, 2e9)).toBe(0);
    expect(allowance.wait(21, 2e9)).toBeGreaterThan(0);
  });

  it("is empty, and no longer than a burst, when the clock is set back", () => {
    const allowance = openAllowance(rate);
    expect(allowance.spend(20, 1e9)).toBe(0);
    expect(allowance.spend(1, 0)).toBe(100);
    expect(allowance.spend(20, 2_000)).toBe(0);
  });

  it("grants what the definition grants: over any time at most burst + rate x time", () => {
    const allowance = openAllowance(rate);
    let granted = 0;
    for (let nowMs = 0; nowMs <= 60_000; nowMs += 7)
      granted += allowance.spend(1, nowMs) === 0 ? 1 : 0;
    expect(granted).toBeLessThanOrEqual(20 + 600);
    expect(granted).toBeGreaterThanOrEqual(20 + 599);
  });
});

describe("a book of allowances", () => {
  it("keeps names apart", () => {
    const book = openAllowanceBook(rate);
    expect(book.of("a", 0).spend(20, 0)).toBe(0);
    expect(book.of("b", 0).spend(20, 0)).toBe(0);
    expect(book.of("a", 0).spend(1, 0)).toBeGreaterThan(0);
  });

  it("forgets who is full again, and refuses newcomers while nobody is", () => {
    const book = openAllowanceBook(rate, 2);
    book.of("a", 0).spend(5, 0);
    book.of("b", 0).spend(5, 0);
    expect(book.of("c", 0).spend(1, 0)).toBeGreaterThan(0);
    expect(book.size).toBe(2);
    expect(book.of("c", 1_000).spend(1, 1_000)).toBe(0);
    expect(book.size).toBe(1);
  });
});

describe("nonces", () => {
  it("are taken once for as long as they must be kept", () => {
    const nonces = openNonces(100);
    for (const [nonce, nowMs, taken] of [
      ["a", 0, true],
      ["a", 50, false],
      ["b", 99, true],
      ["a", 100, false],
      ["b", 199, false],
      ["c", 200, true],
      ["a", 299, true],
    ] as const) {
      expect([nonce, nowMs, nonces.use(nonce, nowMs)]).toEqual([nonce, nowMs, taken]);
    }
  });

  it("are refused when the store is full, for a forgotten nonce is a replay let in", () => {
    const nonces = openNonces(100, 2);
    expect(nonces.use("a", 0)).toBe(true);
    expect(nonces.use("b", 0)).toBe(true);
    expect(nonces.use("c", 0)).toBe(false);
    expect(nonces.use("a", 0)).toBe(false);
    expect(nonces.use("c", 100)).toBe(true);
  });
});
