/** The signature: the text that the docs describe, worked by hand, and the vector printed there. */
import { createHash, createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { signature64 } from "../client/sign.ts";
import { isSignature, type Signable, sign, signedText } from "./signature.ts";

const secret = "correct-horse-battery-staple-0123";
const signable: Signable = {
  timestamp: 1_800_000_000_000,
  nonce: "abcdef0123456789",
  method: "margin.get",
  params: { b: 2, a: "é" },
};

describe("a signature", () => {
  it("is the HMAC of timestamp, nonce, method and the hash of the canonical params", () => {
    const digest = createHash("sha256").update('{"a":"é","b":2}').digest("hex");
    const text = `1800000000000\nabcdef0123456789\nmargin.get\n${digest}`;
    expect(signedText(signable)).toBe(text);
    expect(sign(secret, signable)).toBe(createHmac("sha256", secret).update(text).digest("hex"));
  });

  it("is the same from WebCrypto, which the client signs with", async () => {
    expect(await signature64(secret, signable)).toBe(sign(secret, signable));
  });

  it("of the docs' worked vector is what the docs print", () => {
    const page = readFileSync(new URL("../../docs/protocol.md", import.meta.url), "utf8");
    const [, vector] = /```json vector\n([\s\S]*?)\n```/.exec(page) ?? [];
    const { secret, text, signature, ...worked } = JSON.parse(vector ?? "{}") as Signable & {
      readonly secret: string;
      readonly text: string;
      readonly signature: string;
    };
    expect(signedText(worked)).toBe(text);
    expect(sign(secret, worked)).toBe(signature);
  });

  it.each([
    ["as it is", (right: string) => right, true],
    ["in capitals", (right: string) => right.toUpperCase(), true],
    ["cut short", (right: string) => right.slice(2), false],
    ["empty", () => "", false],
    ["no hex", () => "z".repeat(64), false],
    ["too long", (right: string) => `${right}00`, false],
  ])("%s holds: %3$s", (_, change, holds) => {
    expect(isSignature(secret, signable, change(sign(secret, signable)))).toBe(holds);
  });
});
