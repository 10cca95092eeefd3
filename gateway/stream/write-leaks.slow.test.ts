/**
 * Two hundred users with an account each: by no method and no channel of writing does one reach
 * another's, and nobody hears of another's trades.
 */
import { describe, expect, it } from "vitest";
import type { AccountCommands } from "../../core/engine/command.ts";
import type { Applied as FlowApplied } from "../flow.ts";
import { fakeBoard } from "./board.test-kit.ts";
import {
  type FakeClient,
  joinRig,
  type SeenFrame,
  streamRig,
  traderKey,
} from "./stream.test-kit.ts";
import { writeMethods } from "./writes.ts";

const USERS = 200;
const names = Array.from({ length: USERS }, (_, i) => `acct-${i}`);
const keys = names.map((name) => ({
  ...traderKey,
  keyId: `key-${name}`,
  scopes: [`margin:read:${name}`, "positions:write", "accounts:open"],
}));

type Ask = (client: FakeClient, account: string) => SeenFrame | undefined;

const line = { instrument: "BTC-PERP", quantity: "1", price: "1" };
const write =
  (method: string, more: object): Ask =>
  (client, account) =>
    client.call(method, { account, idempotencyKey: "k", ...more });
const since = (account: string) => ({ [`fills.${account}`]: { epoch: "lineage-1", seq: 0 } });

/** Every way to an account that came with writing. */
const ways: readonly Ask[] = [
  write("fills.apply", { fills: [line] }),
  write("positions.set", { positions: [line] }),
  write("collateral.set", { balances: [{ currency: "USDC", amount: "1" }] }),
  write("orders.set", { orders: [{ ...line, side: "buy" }] }),
  write("accounts.open", {}),
  (client, account) => client.call("subscribe", { channels: [`fills.${account}`] }),
  (client, account) =>
    client.call("subscribe", { channels: [`fills.${account}`], since: since(account) }),
];

/** A rig whose writes go nowhere: what got through to the list is noted. */
function leakRig() {
  const through: string[] = [];
  const apply = async (command: unknown): Promise<FlowApplied> => {
    through.push((command as AccountCommands).account);
    return { seq: 1, lineage: "lineage-1", version: 1, durable: false, replayed: false };
  };
  const rig = streamRig({
    board: fakeBoard({ accounts: names }),
    keys: { find: (id) => keys.find(({ keyId }) => keyId === id), refresh: () => undefined },
    limits: { costBurst: 1e9, connectionsPerAddress: 1_000 },
    extraMethods: writeMethods({ flow: { apply } }),
  });
  return { rig, through };
}

describe("two hundred keys and two hundred accounts", () => {
  it("write their own and nothing else, by any method", async () => {
    const { rig, through } = leakRig();
    let leaks = 0;
    let tried = 0;
    for (const [i, key] of keys.entries()) {
      const client = joinRig(rig, { key });
      for (const [j, account] of names.entries()) {
        if (i === j) continue;
        // Every way is tried on a seventh of the pairs each, all on one in nine.
        const asked = (i + j) % 9 === 0 ? ways : [ways[(i + 3 * j) % ways.length]!];
        for (const way of asked) {
          tried += 1;
          if (way(client, account)?.error?.data["code"] !== "unknown_account") leaks += 1;
        }
      }
      for (const way of ways) way(client, names[i]!);
      client.events.close(1000);
    }
    await new Promise((done) => setTimeout(done, 10));
    expect(leaks).toBe(0);
    expect(tried).toBeGreaterThan(60_000);
    // Five writes of its own each, and no other: accounts.open too is one, of its own name.
    expect(through).toEqual(names.flatMap((name) => Array(5).fill(name)));
    expect(rig.faults).toEqual([]);
  });

  it("hear of their own trades and of nobody else's", () => {
    const { rig } = leakRig();
    const clients = keys.map((key) => joinRig(rig, { key }));
    for (const client of clients) {
      expect(client.call("subscribe", { channels: ["fills.*"] })?.error).toBeUndefined();
    }
    for (let round = 0; round < 5; round++) rig.board.happen(...names.map((n) => `fills.${n}`));
    rig.clock.settle();
    for (const [i, { socket }] of clients.entries()) {
      const frames = socket.take().flatMap(({ params }) => (params ? [params.channel] : []));
      expect(frames).toEqual(Array(6).fill(`fills.${names[i]}`));
    }
  });
});
