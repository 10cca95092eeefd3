/** Writes by the client: once, whatever becomes of the line between the write and its answer. */
import { describe, expect, it } from "vitest";
import { RiskError } from "../../core/errors.ts";
import { type Sender, writeOnce } from "./write.ts";

const params = { account: "a", fills: [] };
const applied = { seq: 7, lineage: "l", version: 2, durable: true, replayed: true };

/** A sender that answers these in turn, and notes what it was sent. */
function senderOf(...answers: readonly (object | RiskError)[]) {
  const sent: { readonly idempotencyKey?: string }[] = [];
  let at = 0;
  const sender: Sender = {
    closed: () => false,
    now: () => performance.now(),
    async request(_, one) {
      sent.push(one);
      const answer = answers[Math.min(at++, answers.length - 1)]!;
      if (answer instanceof RiskError) throw answer;
      return answer;
    },
  };
  return { sender, sent };
}
const lost = new RiskError("unreachable");

describe("a write", () => {
  it("is sent again with the same key when its answer was lost", async () => {
    const { sender, sent } = senderOf(lost, lost, applied);
    expect(await writeOnce(sender, "fills.apply", params, {})).toEqual(applied);
    expect(sent).toHaveLength(3);
    expect(new Set(sent.map((one) => one.idempotencyKey)).size).toBe(1);
    expect(sent[0]?.idempotencyKey).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("keeps the key that it was given, and draws another for each write without", async () => {
    const { sender, sent } = senderOf(applied);
    await writeOnce(sender, "fills.apply", { ...params, idempotencyKey: "own" }, {});
    await writeOnce(sender, "fills.apply", params, {});
    await writeOnce(sender, "fills.apply", params, {});
    expect(sent[0]?.idempotencyKey).toBe("own");
    expect(new Set(sent.map((one) => one.idempotencyKey)).size).toBe(3);
  });

  it.each(["rate_limited", "not_ready", "journal_full"] as const)(
    "waits as long as %s asks",
    async (code) => {
      const full = new RiskError(code, { retryAfterMs: 60 });
      const { sender, sent } = senderOf(full, applied);
      const from = performance.now();
      await writeOnce(sender, "fills.apply", params, {});
      expect(performance.now() - from).toBeGreaterThan(50);
      expect(sent).toHaveLength(2);
    },
  );

  it.each(["conflict", "unknown_account", "insufficient_headroom", "forbidden"] as const)(
    "is not sent again when it was refused with %s",
    async (code) => {
      const { sender, sent } = senderOf(new RiskError(code));
      const refused = writeOnce(sender, "fills.apply", params, {});
      await expect(refused).rejects.toMatchObject({ code });
      expect(sent).toHaveLength(1);
    },
  );

  it("is given up in time, with what it failed for", async () => {
    const { sender, sent } = senderOf(lost);
    const given = writeOnce(sender, "fills.apply", params, { withinMs: 250 });
    await expect(given).rejects.toMatchObject({ code: "unreachable" });
    expect(sent.length).toBeGreaterThan(1);
    expect(sent.length).toBeLessThan(5);
  });

  it("is given up when the client is closed", async () => {
    const { sender, sent } = senderOf(lost);
    const closed = { ...sender, closed: () => true };
    await expect(writeOnce(closed, "fills.apply", params, {})).rejects.toMatchObject({
      code: "unreachable",
    });
    expect(sent).toHaveLength(1);
  });
});
