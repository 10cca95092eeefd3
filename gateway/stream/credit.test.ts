/**
 * The credit: what may be in flight, what a pong gives back, and when a reader counts as stalled.
 */
import { describe, expect, it } from "vitest";
import { openCredit } from "./credit.ts";

const CREDIT = 1_000;
const open = () => openCredit(CREDIT, 7);

describe("a credit", () => {
  it("pings four times before it is used up", () => {
    const credit = open();
    const nonces = Array.from({ length: 10 }, () => credit.sent(100, 0)).filter(Boolean);
    expect(nonces).toHaveLength(3);
    expect(credit.open()).toBe(false);
    expect(credit.inFlightBytes()).toBe(1_000);
  });

  it("reopens by what lay before the ping that came back", () => {
    const credit = open();
    const first = credit.sent(300, 0)!;
    credit.sent(700, 0);
    expect(credit.open()).toBe(false);
    expect(credit.ponged(first, 5)).toBe(5);
    expect(credit.inFlightBytes()).toBe(700);
    expect(credit.open()).toBe(true);
  });

  it("takes a later pong for those before it", () => {
    const credit = open();
    credit.sent(300, 0);
    const second = credit.sent(300, 0)!;
    expect(credit.ponged(second, 1)).toBe(1);
    expect(credit.inFlightBytes()).toBe(0);
    expect(credit.stalledMs(99)).toBe(0);
  });

  it.each([
    ["made up", Uint8Array.of(1, 2, 3)],
    ["empty", new Uint8Array(0)],
    ["of another connection", openCredit(CREDIT, 8).probe(0)!],
  ])("ignores a nonce that is %s", (_, nonce) => {
    const credit = open();
    credit.sent(300, 0);
    expect(credit.ponged(nonce, 1)).toBeUndefined();
    expect(credit.inFlightBytes()).toBe(300);
  });

  it("ignores a nonce that came back before", () => {
    const credit = open();
    const nonce = credit.sent(300, 0)!;
    credit.ponged(nonce, 1);
    credit.sent(100, 2);
    expect(credit.ponged(nonce, 3)).toBeUndefined();
    expect(credit.inFlightBytes()).toBe(100);
  });

  it("is always reopened by the pongs of all its pings, whatever was sent", () => {
    const credit = open();
    const waiting: Uint8Array[] = [];
    for (let i = 0; i < 5_000; i++) {
      const nonce = credit.sent((i * 37) % 400, i);
      if (nonce) waiting.push(nonce);
      if (credit.open()) continue;
      for (const one of waiting.splice(0)) credit.ponged(one, i);
      expect(credit.open()).toBe(true);
    }
  });

  it("counts a reader as stalled from its oldest ping, or from its last pong since", () => {
    const credit = open();
    expect(credit.stalledMs(500)).toBe(0);
    const first = credit.sent(300, 1_000)!;
    credit.sent(300, 1_500);
    expect(credit.stalledMs(3_000)).toBe(2_000);
    credit.ponged(first, 3_000);
    expect(credit.stalledMs(3_000)).toBe(0);
    expect(credit.stalledMs(4_000)).toBe(1_000);
  });

  it("probes a silent line once at a time", () => {
    const credit = open();
    const nonce = credit.probe(0)!;
    expect(credit.probe(1)).toBeUndefined();
    expect(credit.ponged(nonce, 2)).toBe(2);
    expect(credit.probe(3)).toBeDefined();
  });
});
