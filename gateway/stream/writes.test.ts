/**
 * The methods that write, over a real flow: exactly once, in order, on disk before the answer.
 */
import { describe, expect, it } from "vitest";
import { RiskError } from "../../core/errors.ts";
import {
  type Desk,
  openDesk,
  opsKey,
  perpetualFill,
  slowList,
  writerKey,
} from "./writes.test-kit.ts";

const ACCOUNT = "perp-1";
const fill = (desk: Desk, key: string, quantity: number | string = "0.5") => ({
  account: ACCOUNT,
  idempotencyKey: key,
  fills: [perpetualFill(desk.flow, quantity)],
});
const heldOf = ({ flow }: Desk, instrument: string) =>
  flow.engine.state.accounts.get(ACCOUNT)!.positions.get(instrument)?.quantity ?? 0n;
const versionOf = ({ flow }: Desk) => flow.engine.state.accounts.get(ACCOUNT)!.version;
const started = () => {
  const desk = openDesk();
  return { desk, writer: desk.join(writerKey) };
};

/** One for all refusals, which leave it as it is. */
let one: ReturnType<typeof started> | undefined;
const shared = () => {
  one ??= started();
  return one;
};

describe("a write", () => {
  it("answers number, lineage, version, if it is on disk and if it was there", async () => {
    const { desk, writer } = started();
    const { commands, lineage } = desk.flow.engine.state;
    const version = versionOf(desk);
    const first = { seq: commands + 1, lineage, version: version + 1, durable: false };
    expect(await writer.result("fills.apply", fill(desk, "k1"))).toEqual({
      ...first,
      replayed: false,
    });
    expect(await writer.result("fills.apply", fill(desk, "k1"))).toEqual({
      ...first,
      replayed: true,
    });
  });

  it("answers once it is on disk and folded, and a read after it sees it", async () => {
    const commands = slowList();
    const desk = openDesk({ flow: { commands } });
    commands.hold();
    const writer = desk.join(writerKey);
    const params = fill(desk, "k1");
    const before = heldOf(desk, params.fills[0]!.instrument);
    const answer = writer.result("fills.apply", params);
    await new Promise((done) => setTimeout(done, 20));
    expect([commands.waits(), heldOf(desk, params.fills[0]!.instrument)]).toEqual([1, before]);
    await commands.answer();
    expect(await answer).toMatchObject({ durable: true, replayed: false });
    expect(heldOf(desk, params.fills[0]!.instrument)).toBe(before + 500_000_000_000n);
  });

  it("that cannot be written is refused and changes nothing; its key is free again", async () => {
    const commands = slowList();
    const desk = openDesk({ flow: { commands } });
    commands.hold();
    const writer = desk.join(writerKey);
    const refusal = writer.ask("fills.apply", fill(desk, "k1"));
    await new Promise((done) => setTimeout(done, 5));
    await commands.answer(new RiskError("not_ready"));
    expect((await refusal).error?.data["code"]).toBe("not_ready");
    const again = writer.result("fills.apply", fill(desk, "k1"));
    await new Promise((done) => setTimeout(done, 5));
    await commands.answerAll();
    expect(await again).toMatchObject({ replayed: false });
  });

  it("sent fifty times at once is applied once", async () => {
    const { desk, writer } = started();
    const params = fill(desk, "k1");
    const { instrument } = params.fills[0]!;
    const before = heldOf(desk, instrument);
    const all = Array.from({ length: 50 }, () => writer.result("fills.apply", params));
    const answers = await Promise.all(all);
    expect(new Set(answers.map(({ seq }) => seq)).size).toBe(1);
    expect(answers.filter(({ replayed }) => replayed === false)).toHaveLength(1);
    expect(heldOf(desk, instrument)).toBe(before + 500_000_000_000n);
  });

  it("sent fifty times at once is applied once also while the disk is slow", async () => {
    const commands = slowList();
    const desk = openDesk({ flow: { commands } });
    commands.hold();
    const [one, other] = [desk.join(writerKey), desk.join(writerKey)];
    const params = fill(desk, "k1");
    const all = Array.from({ length: 50 }, (_, i) =>
      (i % 2 ? one : other).result("fills.apply", params),
    );
    await new Promise((done) => setTimeout(done, 20));
    expect(commands.waits()).toBe(1);
    await commands.answerAll();
    const answers = await Promise.all(all);
    expect(new Set(answers.map(({ seq }) => seq)).size).toBe(1);
    expect(answers.filter(({ replayed }) => replayed === false)).toHaveLength(1);
  });

  it("of two that expect the same version, one wins and the other is told", async () => {
    const { desk } = started();
    const [one, other] = [desk.join(writerKey), desk.join(writerKey)];
    for (let round = 0; round < 20; round++) {
      const expectedVersion = versionOf(desk);
      const codes = await Promise.all(
        [one, other].map((writer, i) =>
          writer.refusal("fills.apply", { ...fill(desk, `r${round}-${i}`), expectedVersion }),
        ),
      );
      expect(codes.filter((code) => code === undefined)).toHaveLength(1);
      expect(codes).toContainEqual(["conflict", "params.expectedVersion"]);
      expect(versionOf(desk)).toBe(expectedVersion + 1);
    }
  });

  it.each([
    ["a number", 1.5, "1.50"],
    ["a text", "1.5", 1.5],
    ["a number without a fraction", 2, "2.000"],
  ])("is the same command with the same amount written otherwise: %s", async (_, one, other) => {
    const { desk, writer } = started();
    await writer.result("fills.apply", fill(desk, "k1", one));
    const again = await writer.result("fills.apply", fill(desk, "k1", other));
    expect(again).toMatchObject({ replayed: true });
  });

  it.each([
    ["another amount", (desk: Desk) => fill(desk, "k1", "0.75"), "fills.apply"],
    [
      "another method",
      () => ({ account: ACCOUNT, idempotencyKey: "k1", orders: [] }),
      "orders.set",
    ],
  ])("with a key that was used for %s is a conflict", async (_, params, method) => {
    const { desk, writer } = started();
    await writer.result("fills.apply", fill(desk, "k1"));
    const { error } = await writer.ask(method, params(desk));
    expect(error?.data).toEqual({
      code: "conflict",
      kind: "client",
      path: "params.idempotencyKey",
      expected: "the command that was sent with this key before, or another key",
      found: "another command",
      retryable: false,
    });
  });

  it.each(["0", 0, "-0", "0.00"])("with a fee of %j is the same as without one", async (fee) => {
    const { desk, writer } = started();
    const params = fill(desk, "k1");
    await writer.result("fills.apply", params);
    const free = { ...params, fills: [{ ...params.fills[0]!, fee }] };
    expect(await writer.result("fills.apply", free)).toMatchObject({ replayed: true });
  });

  it("may use a key in each account", async () => {
    const { desk, writer } = started();
    const params = fill(desk, "k1");
    await writer.result("fills.apply", params);
    const other = await writer.result("fills.apply", { ...params, account: "mm-1" });
    expect(other).toMatchObject({ replayed: false });
  });

  it("is atomic: one bad fill refuses them all", async () => {
    const { desk, writer } = started();
    const version = versionOf(desk);
    const good = perpetualFill(desk.flow);
    const fills = [good, { ...good, instrument: "no-such" }, good];
    const params = { account: ACCOUNT, idempotencyKey: "k1", fills };
    expect(await writer.refusal("fills.apply", params)).toEqual([
      "unknown_instrument",
      "params.fills[1].instrument",
    ]);
    expect(versionOf(desk)).toBe(version);
    expect(await writer.result("fills.apply", fill(desk, "k1"))).toMatchObject({ replayed: false });
  });

  it.each([
    ["no key", { idempotencyKey: undefined }, "missing_field", "params.idempotencyKey"],
    ["an empty key", { idempotencyKey: "" }, "out_of_bounds", "params.idempotencyKey"],
    [
      "a key with a control character",
      { idempotencyKey: "a\n" },
      "wrong_type",
      "params.idempotencyKey",
    ],
    [
      "a key that is too long",
      { idempotencyKey: "x".repeat(65) },
      "limit_exceeded",
      "params.idempotencyKey",
    ],
    ["no fills", { fills: [] }, "out_of_bounds", "params.fills"],
    ["a version below 0", { expectedVersion: -1 }, "out_of_bounds", "params.expectedVersion"],
    ["a member too many", { memo: "x" }, "unknown_key", "params.memo"],
  ])("with %s is refused by name", async (_, change, code, path) => {
    const { desk, writer } = shared();
    const refusal = await writer.refusal("fills.apply", { ...fill(desk, "k1"), ...change });
    expect(refusal?.[1]).toBe(path);
    expect([code, "out_of_bounds", "limit_exceeded", "wrong_type"]).toContain(refusal?.[0]);
  });

  it.each([
    "1e3",
    "0x10",
    "NaN",
    "Infinity",
    "-",
    "",
    " 1",
    "1.",
    ".5",
    "+1",
    "1,5",
    "1".repeat(16),
    `1.${"1".repeat(13)}`,
    1e15,
    -1e15,
    1e300,
    1e-13,
    null,
    true,
    [],
    {},
    "-0x1",
    "١",
  ])("with the amount %j is refused with a typed error, in every field", async (value) => {
    const { desk, writer } = shared();
    const line = perpetualFill(desk.flow);
    for (const field of ["quantity", "price", "fee"]) {
      const fills = [{ ...line, [field]: value }];
      const params = { account: ACCOUNT, idempotencyKey: `k-${field}`, fills };
      const [code, path] = (await writer.refusal("fills.apply", params)) ?? [];
      expect(["wrong_type", "out_of_bounds", "limit_exceeded", "unknown_value"]).toContain(code);
      expect(path).toBe(`params.fills[0].${field}`);
    }
    expect(desk.faults).toEqual([]);
  });
});

describe("positions.set, collateral.set and orders.set", () => {
  it("replace what there was", async () => {
    const { desk, writer } = started();
    const line = perpetualFill(desk.flow, -2);
    const keyed = (idempotencyKey: string) => ({ account: ACCOUNT, idempotencyKey });
    await writer.result("positions.set", { ...keyed("p"), positions: [line] });
    const balances = [
      { currency: "USDC", amount: 12_345.5 },
      { currency: "BTC", amount: "0.25" },
    ];
    await writer.result("collateral.set", { ...keyed("c"), balances });
    const orders = [{ instrument: line.instrument, side: "buy", quantity: "2", price: 50_000 }];
    await writer.result("orders.set", { ...keyed("o"), orders });
    const held = await writer.result("positions.get", { account: ACCOUNT });
    expect(held).toMatchObject({
      balances: { BTC: "0.25", USDC: "12345.5" },
      positions: [{ instrument: line.instrument, quantity: "-2" }],
      openOrders: [{ ...orders[0], quantity: 2, reduceOnly: false }],
    });
  });

  it.each([
    ["positions.set", "positions", [1, 1], "duplicate_position", "params.positions[1].instrument"],
    ["collateral.set", "balances", [1, 1], "unsupported", "params.balances[1].currency"],
    ["collateral.set", "balances", ["DOGE"], "unknown_currency", "params.balances"],
    ["orders.set", "orders", [0], "out_of_bounds", "params.orders[0].quantity"],
  ])("%s refuses what contradicts itself: %s %j", async (method, name, parts, code, path) => {
    const { desk, writer } = shared();
    const line = perpetualFill(desk.flow);
    const values = parts.map((part) => {
      if (name === "balances") return { currency: part === 1 ? "USDC" : part, amount: "1" };
      return name === "orders" ? { ...line, side: "sell", quantity: part } : line;
    });
    const params = { account: ACCOUNT, idempotencyKey: "k", [name]: values };
    expect(await writer.refusal(method, params)).toEqual([code, path]);
  });
});

describe("accounts.open", () => {
  it("opens an account that may be written at once, and answers the same again", async () => {
    const { desk, writer } = started();
    const ops = desk.join(opsKey);
    const opening = { account: "new-1", idempotencyKey: "open" };
    expect(await ops.result("accounts.open", opening)).toMatchObject({ version: 1 });
    expect(await ops.result("accounts.open", opening)).toMatchObject({ replayed: true });
    const params = { ...fill(desk, "k1"), account: "new-1" };
    expect(await writer.result("fills.apply", params)).toMatchObject({ version: 2 });
    const other = { ...opening, idempotencyKey: "again" };
    expect(await ops.refusal("accounts.open", other)).toEqual(["account_exists", "params.account"]);
  });

  it.each(["*", "a b", ".a", "", "x".repeat(65), "a\n", "é"])(
    "refuses the name %j",
    async (account) => {
      const ops = openDesk().join(opsKey);
      const refusal = await ops.refusal("accounts.open", { account, idempotencyKey: "k" });
      expect(refusal?.[1]).toBe("params.account");
    },
  );
});

describe("fills as events", () => {
  it("reach who watches, numbered as the answers were", async () => {
    const { desk, writer } = started();
    writer.client.call("subscribe", { channels: [`fills.${ACCOUNT}`] });
    const answers = [];
    for (let i = 0; i < 5; i++)
      answers.push(await writer.result("fills.apply", fill(desk, `k${i}`)));
    desk.clock.settle();
    const frames = writer.client.socket.take().flatMap(({ params }) => (params ? [params] : []));
    const updates = frames.filter(({ type }) => type === "update");
    expect(updates.map(({ seq }) => seq)).toEqual(answers.map(({ seq }) => seq));
    expect(updates[0]).toMatchObject({
      epoch: answers[0]?.["lineage"],
      data: { key: "k0", version: answers[0]?.["version"], fills: [{ quantity: "0.5" }] },
    });
  });

  it("tell of the regime and of terms", async () => {
    const { desk, writer } = started();
    writer.client.call("subscribe", { channels: ["regime.changes"] });
    const { terms, termsHash } = desk.flow.engine.state;
    await desk.flow.apply({ kind: "TermsChange", terms, hash: termsHash });
    desk.clock.settle();
    const frames = writer.client.socket.take().flatMap(({ params }) => (params ? [params] : []));
    expect(frames[0]?.type).toBe("snapshot");
    expect(frames.at(-1)?.data).toMatchObject({ kind: "TermsChange", hash: termsHash });
  });
});
