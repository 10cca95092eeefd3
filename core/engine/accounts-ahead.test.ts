import { describe, expect, it } from "vitest";
import { AccountsAhead } from "./accounts-ahead.ts";
import { dice } from "./engine.test-kit.ts";
import { type AccountState, emptyAccount } from "./ledger.ts";

const account = (id: string, version: number): AccountState => ({
  ...emptyAccount(id, "portfolio"),
  version,
});

function expectSame(ahead: AccountsAhead, twin: ReadonlyMap<string, AccountState>): void {
  expect([...ahead]).toEqual([...twin]);
  expect([...ahead.entries()]).toEqual([...twin.entries()]);
  expect([...ahead.keys()]).toEqual([...twin.keys()]);
  expect([...ahead.values()]).toEqual([...twin.values()]);
  expect(ahead.size).toBe(twin.size);
  const seen: [string, AccountState][] = [];
  ahead.forEach((one, id, all) => {
    expect(all).toBe(ahead);
    seen.push([id, one]);
  });
  expect(seen).toEqual([...twin]);
  for (let i = 0; i < 20; i++) {
    expect(ahead.get(`a-${i}`)).toBe(twin.get(`a-${i}`));
    expect(ahead.has(`a-${i}`)).toBe(twin.has(`a-${i}`));
  }
}

describe("accounts ahead", () => {
  it.each([1, 2, 3])("read as a copied map that is written to, in its order: seed %i", (seed) => {
    const chance = dice(seed);
    const below = new Map<string, AccountState>();
    for (let i = 0; i < 8; i++) below.set(`a-${i}`, account(`a-${i}`, 1));
    const ahead = new AccountsAhead(below);
    const twin = new Map(below);
    for (let n = 0; n < 60; n++) {
      const one = account(`a-${chance.below(20)}`, n);
      ahead.set(one.id, one);
      twin.set(one.id, one);
      expectSame(ahead, twin);
    }
    expect(below.get("a-0")!.version, "what lies below is not written").toBe(1);
  });

  it("read the same when what lies below has caught up with some of them", () => {
    const below = new Map([["old", account("old", 1)]]);
    const ahead = new AccountsAhead(below);
    const waiting = ["b", "old", "c", "b"].map((id, n) => account(id, n + 2));
    for (const one of waiting) ahead.set(one.id, one);
    const [b, old, c, newest] = waiting as [AccountState, AccountState, AccountState, AccountState];
    const twin = new Map(Object.entries({ old, b: newest, c }));
    expectSame(ahead, twin);
    below.set("b", b).set("old", old);
    ahead.folded("b");
    ahead.forgotten("old");
    expectSame(ahead, twin);
    expect(ahead.get("old"), "from below").toBe(below.get("old"));
    below.set("c", c).set("b", newest);
    ahead.forgotten("c");
    ahead.forgotten("b");
    expectSame(ahead, twin);
  });
});
