/** Signed rounds: what is taken, what is not, and that a refusal takes nothing. */
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { RiskError } from "../../../core/errors.ts";
import { openRoom, START_MS } from "./guard.test-kit.ts";
import { openRounds, publicKeyOf, type Rounds, type SignedRound, signedText } from "./round.ts";

const rawKey = (key: KeyObject) =>
  key.export({ format: "der", type: "spki" }).subarray(-32).toString("hex");
const [alpha, beta] = [generateKeyPairSync("ed25519"), generateKeyPairSync("ed25519")];

const opened = (taken?: ReadonlyMap<string, number>) =>
  openRounds([{ source: "alpha", publicKey: rawKey(alpha.publicKey) }], taken);

const round = (of: Partial<SignedRound> = {}): SignedRound => ({
  source: "alpha",
  sequence: 1,
  at: START_MS,
  marks: [{ id: "BTC", value: 65_000, halfWidth: 20 }],
  signature: "0".repeat(128),
  ...of,
});
function signed(of: Partial<SignedRound> = {}, key: KeyObject = alpha.privateKey): SignedRound {
  const bare = round(of);
  return { ...bare, signature: sign(null, signedText(bare), key).toString("hex") };
}

function answer(rounds: Rounds, value: unknown): string {
  try {
    rounds.take(value, START_MS);
    return "taken";
  } catch (error) {
    if (!(error instanceof RiskError)) throw error;
    return `${error.code} ${error.detail.path}`;
  }
}

describe("a signed round", () => {
  it("becomes a batch whose marks name their source and their time", () => {
    expect(opened().take(signed(), START_MS + 5)).toEqual({
      kind: "marks",
      at: START_MS + 5,
      marks: [
        { id: "BTC", value: 65_000, extra: 0, halfWidth: 20, source: "alpha", madeAt: START_MS },
      ],
    });
  });

  it.each<[string, unknown, string]>([
    ["as it was signed", signed(), "taken"],
    ["of nobody in the list", signed({ source: "gamma" }), "forbidden source"],
    ["signed by another key", signed({}, beta.privateKey), "auth_failed signature"],
    [
      "with another price",
      { ...signed(), marks: [{ id: "BTC", value: 1 }] },
      "auth_failed signature",
    ],
    ["with another sequence", { ...signed(), sequence: 2 }, "auth_failed signature"],
    ["with another time", { ...signed(), at: START_MS + 1 }, "auth_failed signature"],
    ["without a signature", { ...round(), signature: undefined }, "missing_field signature"],
    ["with half a signature", { ...signed(), signature: "ab" }, "out_of_bounds signature"],
    [
      "with a NaN",
      { ...signed(), marks: [{ id: "BTC", value: Number.NaN }] },
      "not_finite marks[0].value",
    ],
    ["with nothing in it", signed({ marks: [] }), "out_of_bounds marks"],
    ["with a field more", { ...signed(), price: 1 }, "unknown_key price"],
    ["that is no object", [signed()], "wrong_type "],
  ])("%s", (_, value, expected) => {
    expect(answer(opened(), value)).toBe(expected);
  });

  it("has a sequence above the last that was taken, across a restart too", () => {
    const rounds = opened();
    expect(answer(rounds, signed({ sequence: 5 }))).toBe("taken");
    expect(answer(rounds, signed({ sequence: 5 }))).toBe("conflict sequence");
    expect(answer(rounds, signed({ sequence: 4 }))).toBe("conflict sequence");
    expect(answer(opened(rounds.sequences()), signed({ sequence: 5 }))).toBe("conflict sequence");
    expect(answer(rounds, signed({ sequence: 6 }))).toBe("taken");
  });

  it("takes no sequence when it is refused", () => {
    const rounds = opened();
    answer(rounds, signed({ sequence: 9 }, beta.privateKey));
    expect(answer(rounds, signed({ sequence: 1 }))).toBe("taken");
  });

  it("refuses every flipped bit of a signature", () => {
    const rounds = opened();
    const good = signed();
    const bytes = Buffer.from(good.signature, "hex");
    for (let bit = 0; bit < 512; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(answer(rounds, { ...good, signature: flipped.toString("hex") })).toBe(
        "auth_failed signature",
      );
    }
  });

  it("is judged by the guard like any other", () => {
    const { guard } = openRoom({ sources: ["alpha"] });
    const rounds = opened();
    guard.pass(rounds.take(signed(), START_MS + 3_001));
    expect(guard.refused().old).toBe(1);
    guard.pass(rounds.take(signed({ sequence: 2, at: START_MS + 9_000 }), START_MS + 6_999));
    expect(guard.refused().early).toBe(1);
  });

  it.each(["", "ab", "zz".repeat(32)])("%j is no key", (publicKey) => {
    expect(() => publicKeyOf(publicKey)).toThrow(RiskError);
  });
});
