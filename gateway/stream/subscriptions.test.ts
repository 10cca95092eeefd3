/** Who may watch what, and that a refused request leaves the connection as it was. */
import { describe, expect, it } from "vitest";
import { fakeBoard } from "./board.test-kit.ts";
import { authParams, joinRig, narrowKey, streamRig, traderKey } from "./stream.test-kit.ts";

const rigWith = (accounts: readonly string[], limits = {}) => {
  const rig = streamRig({ board: fakeBoard({ accounts }), limits });
  rig.board.move(...accounts, "BTC");
  rig.clock.settle();
  return rig;
};
const accounts = ["mm-1", "mm-2"];

describe("subscribe", () => {
  it("is the same twice as once", () => {
    const client = joinRig(rigWith(accounts), { key: traderKey });
    const channels = ["margin.mm-1.raw", "regime.BTC.raw"];
    const statuses = () => client.call("subscribe", { channels })?.result?.["channels"];
    expect(statuses()).toMatchObject([{ status: "subscribed" }, { status: "subscribed" }]);
    client.socket.take();
    expect(statuses()).toMatchObject([{ status: "already" }, { status: "already" }]);
    expect(client.socket.take()).toEqual([]);
  });

  it("answers before its snapshots come", () => {
    const client = joinRig(rigWith(accounts), { key: traderKey });
    const channels = ["margin.mm-1.raw"];
    client.events.message(
      JSON.stringify({ jsonrpc: "2.0", id: "s", method: "subscribe", params: { channels } }),
    );
    const kinds = client.socket.take().map((frame) => frame.id ?? frame.params?.type);
    expect(kinds.slice(-2)).toEqual(["s", "snapshot"]);
  });

  it.each([
    ["an account that is missing", "margin.nobody.raw", "unknown_account"],
    ["a family that is missing", "marks.BTC.raw", "unknown_channel"],
    ["an interval that is missing", "margin.mm-1.5ms", "unknown_channel"],
    ["an underlying that is missing", "regime.XRP.raw", "unknown_underlying"],
  ])("refuses %s, naming it, and adds none of the others", (_, bad, code) => {
    const client = joinRig(rigWith(accounts), { key: traderKey });
    const reply = client.call("subscribe", { channels: ["margin.mm-1.raw", bad] });
    expect(reply?.error?.data).toMatchObject({ code, path: "params.channels[1]" });
    expect(client.call("subscriptions")?.result).toEqual({ channels: [] });
    expect(client.socket.take()).toEqual([]);
  });

  it("tells a forbidden account and a missing one apart in nothing but the name", () => {
    const rig = rigWith(accounts);
    const client = joinRig(rig, { key: narrowKey });
    const refusals = ["mm-2", "mm-3"].map((account) =>
      ["subscribe", "margin.get", "positions.get"].map((method) => {
        const params =
          method === "subscribe" ? { channels: [`margin.${account}.raw`] } : { account };
        const text = JSON.stringify(client.call(method, params, "x"));
        return text.replaceAll(account, "?").replace(/"us":.*/, "");
      }),
    );
    expect(refusals[0]).toEqual(refusals[1]);
    expect(refusals[0]?.join()).toContain("unknown_account");
  });

  it("refuses the regime to a key without its scope", () => {
    const client = joinRig(rigWith(accounts), { key: narrowKey });
    const reply = client.call("subscribe", { channels: ["regime.BTC.raw"] });
    expect(reply?.error?.data["code"]).toBe("forbidden");
  });

  it("refuses whoever has not said who they are", () => {
    const client = joinRig(rigWith(accounts));
    for (const method of ["subscribe", "unsubscribe"]) {
      const reply = client.call(method, { channels: ["margin.mm-1.raw"] });
      expect(reply?.error?.data["code"]).toBe("auth_required");
    }
  });

  it("counts every channel, those of a * one by one", () => {
    const client = joinRig(rigWith(accounts, { channelsPerConnection: 3 }), { key: traderKey });
    expect(client.call("subscribe", { channels: ["margin.*.raw"] })?.error).toBeUndefined();
    const full = client.call("subscribe", { channels: ["margin.*.1s"] });
    expect(full?.error?.data).toMatchObject({ code: "limit_exceeded", found: "4" });
    const last = client.call("subscribe", { channels: ["margin.mm-1.1s", "margin.mm-1.1s"] });
    expect(last?.error).toBeUndefined();
  });
});

describe("a channel of *", () => {
  it("is the key's own accounts and nobody else's", () => {
    const client = joinRig(rigWith(accounts), { key: narrowKey });
    const reply = client.call("subscribe", { channels: ["margin.*.raw"] });
    expect(reply?.result?.["channels"]).toMatchObject([{ channel: "margin.mm-1.raw" }]);
  });

  it("takes in accounts that come later", () => {
    const rig = rigWith(accounts);
    const client = joinRig(rig, { key: traderKey });
    client.call("subscribe", { channels: ["margin.*.raw"] });
    client.socket.take();
    rig.board.addAccount("mm-9");
    rig.board.move("mm-9");
    rig.clock.advance(1_000);
    expect(client.socket.take()[0]?.params).toMatchObject({
      channel: "margin.mm-9.raw",
      type: "snapshot",
    });
  });

  it("takes in none that are not the key's", () => {
    const rig = rigWith(accounts);
    const client = joinRig(rig, { key: narrowKey });
    client.call("subscribe", { channels: ["margin.*.raw"] });
    client.socket.take();
    rig.board.addAccount("mm-9");
    rig.board.move("mm-9", "mm-2");
    rig.clock.advance(1_000);
    expect(client.socket.take()).toEqual([]);
  });

  it("is dropped whole", () => {
    const rig = rigWith(accounts);
    const client = joinRig(rig, { key: traderKey });
    client.call("subscribe", { channels: ["margin.*.raw", "regime.BTC.raw"] });
    const reply = client.call("unsubscribe", { channels: ["margin.*.raw"] });
    expect(reply?.result?.["channels"]).toHaveLength(2);
    expect(client.call("subscriptions")?.result?.["channels"]).toMatchObject([
      { channel: "regime.BTC.raw", epoch: "boot-1", seq: 1 },
    ]);
    client.socket.take();
    rig.board.addAccount("mm-9");
    rig.board.move("mm-1", "mm-9");
    rig.clock.advance(1_000);
    expect(client.socket.take()).toEqual([]);
  });
});

describe("two hundred keys and two hundred accounts", () => {
  it("see their own and nothing else, whatever they ask", () => {
    const names = Array.from({ length: 200 }, (_, i) => `acct-${i}`);
    const keys = names.map((name) => ({
      ...traderKey,
      keyId: `key-${name}`,
      scopes: [`margin:read:${name}`],
    }));
    const rig = streamRig({
      board: fakeBoard({ accounts: names }),
      keys: { find: (id) => keys.find((key) => key.keyId === id), refresh: () => undefined },
      limits: { costBurst: 1e9, connectionsPerAddress: 1_000 },
    });
    rig.board.move(...names);
    let leaks = 0;
    let own = 0;
    for (const [i, key] of keys.entries()) {
      const client = joinRig(rig, { key });
      for (const [j, account] of names.entries()) {
        const replies = [
          client.call("margin.get", { account }),
          client.call("positions.get", { account }),
          client.call("subscribe", { channels: [`margin.${account}.raw`] }),
        ];
        const answered = replies.filter((reply) => reply?.error === undefined).length;
        if (i === j) own += answered;
        else leaks += answered;
      }
      client.events.close(1000);
    }
    expect({ leaks, own }).toEqual({ leaks: 0, own: 600 });
  });
});

describe("auth", () => {
  it("answers with whom the key belongs to and what it may, never with its secret", () => {
    const rig = rigWith(accounts);
    const client = joinRig(rig);
    const reply = client.call("auth", authParams(traderKey, rig.clock.now()));
    expect(reply?.result).toEqual({ principal: "desk", scopes: traderKey.scopes });
  });

  it("is once a connection", () => {
    const rig = rigWith(accounts);
    const client = joinRig(rig, { key: narrowKey });
    const reply = client.call("auth", authParams(traderKey, rig.clock.now()));
    expect(reply?.error?.data["code"]).toBe("forbidden");
    const other = client.call("margin.get", { account: "mm-2" });
    expect(other?.error?.data["code"]).toBe("unknown_account");
  });

  it.each([
    ["no grant", {}, "missing_field"],
    ["another grant", { grant: "jwt", token: "x" }, "unknown_value"],
    ["a signature without a key", { grant: "hmac", timestamp: 1 }, "missing_field"],
    ["a nonce that is no hex", { grant: "hmac", nonce: "zzzzzzzzzzzzzzzz" }, "wrong_type"],
    ["a short nonce", { grant: "hmac", nonce: "0123456789abcde" }, "out_of_bounds"],
    ["a timestamp in text", { grant: "hmac", timestamp: "5" }, "wrong_type"],
    ["a page token nobody issued", { grant: "page", token: "x" }, "auth_failed"],
    ["a page without a token", { grant: "page" }, "missing_field"],
  ])("refuses %s", (_, params, code) => {
    const client = joinRig(rigWith(accounts));
    expect(client.call("auth", params)?.error?.data["code"]).toBe(code);
    expect(client.socket.open).toBe(true);
  });
});
