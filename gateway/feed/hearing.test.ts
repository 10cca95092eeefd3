/** Signed rounds by marks.put: what a source with a public key is heard in. */
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { eventsOf, flowOver, smallSim } from "../flow.test-kit.ts";
import { guardOf } from "./guard/of-feed.ts";
import { signedText } from "./guard/round.ts";
import { openHearing } from "./hearing.ts";
import { clockTime, openMarksPort, type PutParams } from "./marks-port.ts";

const [own, other] = [generateKeyPairSync("ed25519"), generateKeyPairSync("ed25519")];
const publicKey = own.publicKey
  .export({ format: "der", type: "spki" })
  .subarray(-32)
  .toString("hex");
const market = smallSim(600);
const feed = {
  name: "push",
  sources: [{ name: "oracle", publicKey }, { name: "plain" }],
} as const;

function opened() {
  const guard = guardOf({ ...feed, trusted: false, barMs: 60_000 });
  const { flow } = flowOver(market, { guard });
  flow.accept(eventsOf(market, 1)[0]!);
  const nowMs = market.startMs + 1_000;
  const port = openMarksPort({
    ...{ flow, feed, accept: (event) => flow.accept(event) },
    now: clockTime({ now: () => nowMs }),
  });
  return { flow, nowMs, put: (params: PutParams) => port.put(params, "k") };
}

function round(of: Partial<PutParams>, key: KeyObject = own.privateKey): PutParams {
  const bare = {
    ...{ source: "oracle", sequence: 1, at: market.startMs + 900 },
    marks: [{ id: "BTC", value: 65_000, halfWidth: 20 }],
    ...of,
  };
  const signature = sign(null, signedText({ ...bare, signature: "" }), key).toString("hex");
  return { ...bare, signature };
}

describe("a source with a public key", () => {
  it("is heard in rounds that it signed, beside one that is not", () => {
    const { put, flow } = opened();
    put({ source: "plain", marks: [{ id: "BTC", value: 65_010 }] });
    expect(put(round({})).accepted).toBe(1);
    const { index } = flow.engine.state.market.underlyings.get("BTC")!;
    expect(index).toBeGreaterThanOrEqual(65_000);
    expect(index).toBeLessThanOrEqual(65_010);
  });

  it.each<[string, PutParams, string, string]>([
    [
      "unsigned",
      { source: "oracle", marks: [{ id: "BTC", value: 65_000 }] },
      "missing_field",
      "sequence",
    ],
    ["signed by another", round({}, other.privateKey), "auth_failed", "signature"],
    ["with another price", { ...round({}), marks: [{ id: "BTC", value: 1 }] }, "auth_failed", ""],
    ["for another source", { ...round({}), source: "plain" }, "forbidden", "source"],
  ])("is not heard %s", (_, params, code, path) => {
    const { put } = opened();
    const detail = expect.objectContaining({ path: expect.stringContaining(`params.${path}`) });
    expect(() => put(params)).toThrow(expect.objectContaining({ code, detail }));
    expect(put(round({})).why).toEqual({ BTC: "held" });
  });

  it("says each round once, and not again after a later one", () => {
    const { put } = opened();
    put(round({ sequence: 2 }));
    const conflict = expect.objectContaining({ code: "conflict" });
    for (const sequence of [2, 1]) expect(() => put(round({ sequence }))).toThrow(conflict);
    expect(put({ ...round({ sequence: 3 }), idempotencyKey: "k" }).replayed).toBe(false);
    expect(put({ ...round({ sequence: 3 }), idempotencyKey: "k" }).replayed).toBe(true);
  });

  it("that is none is refused when the port opens", () => {
    const refusal = expect.objectContaining({ code: "wrong_type" });
    expect(() => openHearing([{ name: "a", publicKey: "00" }])).toThrow(refusal);
  });
});
