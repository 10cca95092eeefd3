/**
 * Who may write, and what marks.put takes: over a real flow and connections on fakes.
 */
import { describe, expect, it } from "vitest";
import { joinRig, traderKey } from "./stream.test-kit.ts";
import {
  type Desk,
  narrowWriter,
  openDesk,
  opsKey,
  perpetualFill,
  type Writer,
  writerKey,
} from "./writes.test-kit.ts";

const ACCOUNT = "perp-1";
const fill = (desk: Desk, key: string) => ({
  account: ACCOUNT,
  idempotencyKey: key,
  fills: [perpetualFill(desk.flow)],
});
const desk = openDesk();

describe("who may write", () => {
  const writes = (desk: Desk, account: string): readonly (readonly [string, object])[] => {
    const keyed = { account, idempotencyKey: "k" };
    return [
      ["fills.apply", { ...keyed, fills: [perpetualFill(desk.flow)] }],
      ["positions.set", { ...keyed, positions: [] }],
      ["collateral.set", { ...keyed, balances: [] }],
      ["orders.set", { ...keyed, orders: [] }],
    ];
  };

  it("is who holds the scope", async () => {
    const reader = desk.join(traderKey);
    for (const account of [ACCOUNT, "nobody"]) {
      for (const [method, params] of writes(desk, account)) {
        expect(await reader.refusal(method, params)).toEqual(["forbidden", undefined]);
      }
    }
    const opening = { account: "new-1", idempotencyKey: "k" };
    const writer = desk.join(writerKey);
    expect(await writer.refusal("accounts.open", opening)).toEqual(["forbidden", undefined]);
    const put = { marks: [{ id: "BTC", value: 1 }] };
    expect(await writer.refusal("marks.put", put)).toEqual(["forbidden", undefined]);
  });

  it("and only for accounts that the key may read: another's and none read alike", async () => {
    const narrow = desk.join(narrowWriter);
    const told = async (account: string) => {
      const texts: string[] = [];
      for (const [method, params] of writes(desk, account)) {
        const { error } = await narrow.ask(method, params);
        texts.push(JSON.stringify(error).replaceAll(account, "?"));
      }
      return texts;
    };
    const [forbidden, missing] = [await told("mm-1"), await told("mm-9")];
    expect(forbidden).toEqual(missing);
    expect(forbidden.join()).toContain("unknown_account");
    const own = await narrow.result("fills.apply", fill(desk, "k1"));
    expect(own).toMatchObject({ replayed: false });
  });

  it("is nobody who has not said who they are", async () => {
    const stranger = joinRig(desk);
    for (const [method, params] of writes(desk, ACCOUNT)) {
      expect(stranger.call(method, params)?.error?.data["code"]).toBe("auth_required");
    }
  });
});

async function put(writer: Writer, marks: readonly object[], more = {}) {
  return writer.result("marks.put", { marks, ...more });
}

describe("marks.put", () => {
  it("takes marks into a Turn of their own, and says which passed", async () => {
    const ops = desk.join(opsKey);
    const { state } = desk.flow.engine;
    const index = state.market.underlyings.get("BTC")!.index;
    const marks = [
      { id: "BTC", value: index * 1.001 },
      { id: "no-such", value: 5 },
      { id: "ETH", value: -1 },
    ];
    const answer = await put(ops, marks);
    expect(answer).toMatchObject({
      turn: state.seq,
      at: state.at,
      accepted: 1,
      refused: ["no-such", "ETH"],
      reasons: { unknown: 1, not_positive: 1 },
      replayed: false,
    });
    expect(state.market.underlyings.get("BTC")!.index).toBe(index * 1.001);
  });

  it("answers the same key the same, and refuses it with other marks", async () => {
    const ops = desk.join(opsKey);
    const index = desk.flow.engine.state.market.underlyings.get("BTC")!.index;
    const marks = [{ id: "BTC", value: index }];
    const first = await put(ops, marks, { idempotencyKey: "m" });
    const turn = desk.flow.engine.state.seq;
    expect(await put(ops, marks, { idempotencyKey: "m" })).toEqual({ ...first, replayed: true });
    expect(desk.flow.engine.state.seq).toBe(turn);
    const other = { marks: [{ id: "BTC", value: index + 1 }], idempotencyKey: "m" };
    expect((await ops.ask("marks.put", other)).error?.data).toMatchObject({
      code: "conflict",
      path: "params.idempotencyKey",
      retryable: false,
    });
  });

  it("refuses an id twice", async () => {
    const ops = desk.join(opsKey);
    const marks = [
      { id: "BTC", value: 1 },
      { id: "BTC", value: 2 },
    ];
    expect(await ops.refusal("marks.put", { marks })).toEqual([
      "unsupported",
      "params.marks[1].id",
    ]);
  });
});
