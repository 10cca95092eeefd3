/** Scopes and places: what a key covers, and what counts as this machine. */
import { describe, expect, it } from "vitest";
import { isLoopbackAddress, isLoopbackHost } from "./loopback.ts";
import { holds, mayRead } from "./scopes.ts";

const caller = (...scopes: string[]) => ({ keyId: "k", principal: "p", scopes });

describe("holds", () => {
  it.each([
    [["regime:read"], "regime:read", true],
    [["regime:*"], "regime:read", false],
    [["margin:read:*"], "margin:read:mm-1", true],
    [["margin:read:mm-1"], "margin:read:mm-1", true],
    [["margin:read:mm-1"], "margin:read:mm-10", false],
    [["margin:read:mm-1"], "margin:read:MM-1", false],
    [["margin:*"], "margin:read:mm-1", false],
    [["*"], "margin:read:mm-1", false],
    [[], "regime:read", false],
    [["margin:read:*"], "positions:write", false],
    [["margin:read:*"], "margin:read:a:b", true],
    [["margin:read:a"], "margin:read:a:b", false],
  ])("%j covers %s: %s", (scopes, scope, covered) => {
    expect(holds(caller(...scopes), scope)).toBe(covered);
  });

  it("never takes * for an account's name", () => {
    expect(mayRead(caller("margin:read:*"), "*")).toBe(false);
  });
});

describe("this machine", () => {
  it.each([
    ["127.0.0.1", true],
    ["127.8.9.1", true],
    ["::1", true],
    ["::ffff:127.0.0.1", true],
    ["0000:0000:0000:0000:0000:0000:0000:0001", true],
    ["0000:0000:0000:0000:0000:ffff:7f00:0001", true],
    ["10.0.0.1", false],
    ["128.0.0.1", false],
    ["::ffff:10.0.0.1", false],
    ["0000:0000:0000:0000:0000:ffff:0a00:0001", false],
    ["::2", false],
    ["fe80::1", false],
    ["", false],
  ])("has the address %j: %s", (address, own) => {
    expect(isLoopbackAddress(address)).toBe(own);
  });

  it.each([
    ["localhost", true],
    ["LOCALHOST:8787", true],
    ["127.0.0.1:8787", true],
    ["[::1]:8787", true],
    ["localhost.example.com", false],
    ["127.0.0.1.example.com", false],
    ["example.com:8787", false],
    ["localhost:8787.example.com", false],
    ["", false],
  ])("has the name %j: %s", (host, own) => {
    expect(isLoopbackHost(host)).toBe(own);
  });
});
