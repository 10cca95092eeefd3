import { describe, expect, it } from "vitest";
import { RiskError } from "../errors.ts";
import { formatExact } from "../money.ts";
import type { Submission } from "./command.ts";
import { type Desk, EIGHT_MS, filled, instruments, openDesk, opened } from "./engine.test-kit.ts";
import { KEYS_MAX, keyCount } from "./key-ring.ts";

const transfer = (amount: string, key?: string): Submission => ({
  kind: "Transfer",
  account: "a",
  currency: "USDC",
  amount,
  ...(key === undefined ? {} : { key }),
});

function code(act: () => unknown): string {
  try {
    act();
    return "admitted";
  } catch (error) {
    if (error instanceof RiskError) return error.code;
    throw error;
  }
}

function funded(): Desk {
  const desk = openDesk();
  desk.apply(...opened("a", { USDC: "100" }));
  return desk;
}

const usdc = ({ engine }: Desk) =>
  formatExact(engine.state.accounts.get("a")!.balances.get("USDC") ?? 0n);

describe("admission", () => {
  it("holds each command against the state as those before it will leave it", () => {
    const { admission } = funded();
    expect(code(() => admission.admit(transfer("-60")))).toBe("admitted");
    expect(code(() => admission.admit(transfer("-60")))).toBe("insufficient_headroom");
    expect(code(() => admission.admit(transfer("20")))).toBe("admitted");
    expect(code(() => admission.admit(transfer("-60")))).toBe("admitted");
  });

  it("knows accounts and instruments that are still waiting", () => {
    const { admission } = openDesk();
    const spec = { ...instruments.find(({ id }) => id === "BTC-P")!, id: "NEW" };
    const listing = { underlyings: [], currencies: [], instruments: [spec], delisted: [] };
    const commands = [
      { kind: "Listing", ...listing } as const,
      { kind: "Account", account: "b", mode: "portfolio" } as const,
      filled("b", "NEW", "1", "10"),
    ];
    for (const command of commands) expect(code(() => admission.admit(command))).toBe("admitted");
    expect(code(() => admission.admit(filled("b", "OTHER", "1", "10")))).toBe("unknown_instrument");
  });

  it("refuses a fill of what a waiting command has settled away", () => {
    const { admission } = funded();
    const expiry = { kind: "Settle", what: "expiry", instrument: "BTC-C", price: "1" } as const;
    admission.admit(expiry, { at: EIGHT_MS });
    expect(code(() => admission.admit(filled("a", "BTC-C", "1", "1")))).toBe("unknown_instrument");
    expect(code(() => admission.admit(expiry, { at: EIGHT_MS }))).toBe("unknown_instrument");
  });

  it("changes nothing but the state ahead, whether it admits or refuses", () => {
    const { admission, engine } = funded();
    const before = structuredClone(engine.state);
    admission.admit(transfer("-60"));
    admission.admit(filled("a", "BTC_USDC-PERP", "0.0001", "65000"));
    admission.admit(
      { kind: "Settle", what: "expiry", instrument: "BTC-C", price: "1" },
      { at: EIGHT_MS },
    );
    code(() => admission.admit(transfer("-60")));
    expect(engine.state).toEqual(before);
    expect(admission.ahead().accounts.get("a")!.positions.size).toBe(1);
  });

  it("takes a fill of several lines whole or not at all", () => {
    const { admission, engine } = funded();
    const lines = [
      { instrument: "BTC_USDC-PERP", quantity: "1", price: "65000" },
      { instrument: "NOTHING", quantity: "1", price: "65000" },
    ];
    const half = { kind: "Fill", account: "a", fills: lines } as const;
    expect(code(() => admission.admit(half))).toBe("unknown_instrument");
    expect(admission.ahead().accounts.get("a")).toBe(engine.state.accounts.get("a"));
  });

  it("numbers commands as the account chain does, and versions as the account does", () => {
    const desk = funded();
    const { commands } = desk.engine.state;
    const first = desk.admission.admit(transfer("1"));
    const second = desk.admission.admit({ kind: "Account", account: "b", mode: "portfolio" });
    const third = desk.admission.admit(transfer("1"));
    expect([first.seq, second.seq, third.seq].map((seq) => seq - commands)).toEqual([1, 2, 3]);
    expect([first.version, second.version, third.version]).toEqual([3, 1, 4]);
    desk.fold({ commands: [first.command, second.command, third.command] });
    expect(desk.engine.state.commands).toBe(third.seq);
    expect(desk.engine.state.accounts.get("a")!.version).toBe(third.version);
  });

  it("keeps what a Turn left waiting", () => {
    const desk = funded();
    const first = desk.admission.admit(transfer("-60"));
    const second = desk.admission.admit(transfer("-30"));
    desk.fold({ commands: [first.command] });
    desk.admission.settled([second.command]);
    expect(code(() => desk.admission.admit(transfer("-11")))).toBe("insufficient_headroom");
    expect(desk.admission.admit(transfer("-10")).seq).toBe(second.seq + 1);
  });

  it.each([
    ["no command", 7, "unknown_value"],
    ["nothing", undefined, "unknown_value"],
    ["an unknown kind", { kind: "Nonsense" }, "unknown_value"],
    ["a Tick", { kind: "Tick" }, "unsupported"],
    ["a missing member", { kind: "Transfer", account: "a", currency: "USDC" }, "missing_field"],
    ["a member too many", { ...transfer("1"), note: "x" }, "unknown_key"],
    ["an amount as a number", { ...transfer("1"), amount: 1 }, "wrong_type"],
    ["an amount with an exponent", transfer("1e3"), "wrong_type"],
    ["an amount of 13 decimals", transfer("0.0000000000001"), "wrong_type"],
    ["no fills", { kind: "Fill", account: "a", fills: [] }, "out_of_bounds"],
    ["an empty name", { ...transfer("1"), account: "" }, "out_of_bounds"],
    ["a name with a line feed", { ...transfer("1"), account: "a\nb" }, "wrong_type"],
    ["a name that every object has", { ...transfer("1"), account: "__proto__" }, "unknown_account"],
  ])("refuses %s", (_what, submission, told) => {
    expect(code(() => funded().admission.admit(submission))).toBe(told);
  });

  it("gives out a tree of its own", () => {
    const { admission } = funded();
    const line = { instrument: "BTC-C", quantity: "1", price: "1" };
    const { command } = admission.admit({ kind: "Fill", account: "a", fills: [line] });
    line.quantity = "1000";
    expect(command).toEqual(filled("a", "BTC-C", "1", "1"));
  });
});

describe("an idempotency key", () => {
  it("is applied once and answered alike, while waiting and after its Turn", () => {
    const desk = funded();
    const first = desk.admission.admit(transfer("-60", "k"));
    const waiting = desk.admission.admit(transfer("-60", "k"));
    desk.fold({ commands: [first.command] });
    const folded = desk.admission.admit(transfer("-60", "k"));
    expect(usdc(desk)).toBe("40");
    for (const again of [waiting, folded]) expect(again).toEqual({ ...first, replayed: true });
  });

  it("with another command is a conflict", () => {
    const desk = funded();
    desk.apply(transfer("-60", "k"));
    expect(code(() => desk.admission.admit(transfer("-6", "k")))).toBe("conflict");
  });

  it("that names another command never succeeds; a version that is stale may", () => {
    const desk = funded();
    desk.apply(transfer("-60", "k"));
    const reused = () => desk.admission.admit(transfer("-6", "k"));
    expect(reused).toThrow(expect.objectContaining({ retryable: false }));
    const stale = () => desk.admission.admit(transfer("-6"), { expectedVersion: 0 });
    expect(stale).toThrow(expect.objectContaining({ retryable: true }));
  });

  it("is the account's own", () => {
    const desk = funded();
    desk.apply(...opened("b", { USDC: "5" }), transfer("-60", "k"));
    const other = { ...transfer("-1", "k"), account: "b" };
    expect(desk.admission.admit(other).replayed).toBe(false);
  });

  it("is forgotten after as many others as are remembered", () => {
    const desk = funded();
    desk.apply(transfer("1", "first"), transfer("1", "second"));
    desk.apply(...Array.from({ length: KEYS_MAX - 1 }, (_, i) => transfer("1", `k${i}`)));
    expect(keyCount(desk.engine.state.accounts.get("a")!.keys)).toBe(KEYS_MAX);
    expect(desk.admission.admit(transfer("1", "second")).replayed).toBe(true);
    expect(desk.admission.admit(transfer("1", "first")).replayed).toBe(false);
  });
});

describe("an expected version", () => {
  it("that the account has not is a conflict, waiting commands counted", () => {
    const { admission } = funded();
    const at = (expectedVersion: number) => () =>
      admission.admit(transfer("1"), { expectedVersion });
    expect(code(at(1))).toBe("conflict");
    expect(code(at(2))).toBe("admitted");
    expect(code(at(2))).toBe("conflict");
    expect(code(at(3))).toBe("admitted");
  });

  it("of an account that is not there is 0", () => {
    const { admission } = funded();
    const open = { kind: "Account", account: "b", mode: "portfolio" } as const;
    expect(code(() => admission.admit(open, { expectedVersion: 1 }))).toBe("conflict");
    expect(code(() => admission.admit(open, { expectedVersion: 0 }))).toBe("admitted");
  });
});
