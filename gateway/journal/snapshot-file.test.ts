/** A snapshot's bytes: nothing is lost on the way, and nothing that is wrong comes back. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { dice } from "../../core/engine/engine.test-kit.ts";
import { keyCount, keyRingOf } from "../../core/engine/key-ring.ts";
import { copyAccount, emptyAccount } from "../../core/engine/ledger.ts";
import { forkState } from "../../core/engine/state.ts";
import {
  foldOn,
  goldenAfter,
  goldenTurns,
  hashAt,
  hashesOf,
  inOrder,
  randomTurns,
} from "./snapshot.test-kit.ts";
import { copyOf, decodeSnapshot, encodeSnapshot } from "./snapshot-file.ts";
import type { Snapshot } from "./snapshots.ts";
import { stateHash } from "./state-hash.ts";

const here = async () => undefined;
const encoded = (snapshot: Snapshot) => encodeSnapshot(copyOf(snapshot), here);
const back = async (snapshot: Snapshot) => decodeSnapshot("a.bin", await encoded(snapshot));
const hashOf = ({ state, regimes }: Snapshot) => stateHash(state, regimes);

const whole = goldenAfter(goldenTurns.length);
const bytes = await encoded(whole);

describe("a snapshot", () => {
  it("gives back every member of state and regimes, in its order", async () => {
    const restored = await back(whole);
    expect(inOrder(restored)).toStrictEqual(inOrder(whole));
    expect(hashOf(restored)).toBe(hashOf(whole));
  });

  it("is the same bytes for the same state, and again when it was restored", async () => {
    expect(Buffer.compare(await encoded(whole), bytes)).toBe(0);
    expect(Buffer.compare(await encoded(await back(whole)), bytes)).toBe(0);
  });

  it("holds what the fold holds: orders, keys, fills, flat lines, terms, published ranges", () => {
    const { state } = whole;
    const accounts = [...state.accounts.values()];
    expect(accounts.some(({ orders }) => orders.length > 1)).toBe(true);
    expect(accounts.some(({ keys }) => keyCount(keys) > 5)).toBe(true);
    expect(accounts.some(({ fills }) => fills.length > 5)).toBe(true);
    expect(accounts.some(({ balances }) => balances.size > 1)).toBe(true);
    expect(state.published.size).toBeGreaterThan(0);
    expect(state.venue.size).toBeGreaterThan(1);
  });

  it.each(Array.from({ length: 8 }, (_, i) => 1 + i))(
    "folds on as the uninterrupted one would, bit for bit (Turns at random, seed %i)",
    async (seed) => {
      const { start, turns } = randomTurns(seed, 80);
      const cut = 1 + dice(seed).below(turns.length - 1);
      let restored: Snapshot | undefined;
      for (const [i, turn] of turns.entries()) {
        foldOn(start, turn, hashAt(turn.seq));
        if (restored !== undefined) {
          const regimes = new Map(restored.regimes);
          foldOn({ state: restored.state, regimes }, turn, hashAt(turn.seq));
        }
        if (i + 1 === cut) restored = await back(start);
      }
      expect(hashOf(restored!)).toBe(hashOf(start));
      expect(inOrder(restored)).toStrictEqual(inOrder(start));
      expect([...start.state.accounts.values()].some(({ fills }) => fills.length > 3)).toBe(true);
    },
  );

  it.each([1, 2, 40, 111, 171, 239])(
    "folds the golden Turns on after Turn %i to the same end",
    async (cut) => {
      const fold = await back(goldenAfter(cut));
      const on = { state: fold.state, regimes: new Map(fold.regimes) };
      const hashes = hashesOf(goldenTurns);
      for (let i = cut; i < goldenTurns.length; i++) foldOn(on, goldenTurns[i]!, hashes[i]!);
      expect(hashOf(on)).toBe(hashOf(whole));
    },
  );

  it("is of the moment at which it was copied, whatever is folded meanwhile", async () => {
    const cut = 100;
    const fold = goldenAfter(cut);
    const expected = Buffer.from(await encoded(fold));
    const copy = copyOf(fold);
    const hashes = hashesOf(goldenTurns);
    let next = cut;
    const meanwhile = async () => {
      if (next < goldenTurns.length) foldOn(fold, goldenTurns[next]!, hashes[next]!);
      next += 1;
    };
    await meanwhile();
    expect(Buffer.compare(await encodeSnapshot(copy, meanwhile), expected)).toBe(0);
    expect(next).toBeGreaterThan(cut + 5);
  });

  it.each([
    ["a quantity beyond 128 bits", { quantity: 2n ** 127n, cost: 0n }],
    ["a cost beyond 128 bits", { quantity: 1n, cost: -(2n ** 127n) - 1n }],
    ["the largest of 128 bits", { quantity: 2n ** 127n - 1n, cost: -(2n ** 127n) }],
    ["the largest of 64 bits", { quantity: 2n ** 63n - 1n, cost: -(2n ** 63n) }],
    ["one more than 64 bits", { quantity: 2n ** 63n, cost: -(2n ** 63n) - 1n }],
    ["the low half all ones", { quantity: 2n ** 64n - 1n, cost: -(2n ** 64n) }],
    ["a coin's 1e-12", { quantity: 1n, cost: -1n }],
  ])("keeps %s", async (_what, line) => {
    const state = forkState(whole.state);
    const account = emptyAccount("wide", "cross");
    account.positions.set(state.names[5]!.id, line);
    state.accounts.set("wide", account);
    const { accounts } = (await back({ state, regimes: whole.regimes })).state;
    expect(inOrder(accounts)).toStrictEqual(inOrder(state.accounts));
  });

  it("keeps what it has no columns for: new members, names never listed, odd texts", async () => {
    const state = Object.assign(forkState(whole.state), {
      later: new Map([
        ["b", [1n, -0]],
        ["a", []],
      ]),
    });
    const odd = Object.assign(emptyAccount("\ud800 odd", "full"), { limits: { gross: 5n } });
    odd.balances.set("NEVER", 1n);
    const order = { instrument: "BTC-PERPETUAL", side: "buy", quantity: 1, price: 2 } as const;
    const orders = Object.assign(emptyAccount("orders", "full"), {
      orders: [{ ...order, reduceOnly: true, postOnly: true }],
      keys: keyRingOf([
        Object.assign({ key: "k", print: 1, seq: 2, version: 3 }, { note: "more" }),
      ]),
    });
    const line = { instrument: "BTC-PERPETUAL", quantity: "1", price: "2" };
    const placed = { seq: 9, prev: 8, turn: 7, at: 6, version: 5 };
    const events = [
      { ...placed, fills: [line, { ...line, fee: "0.1" }, { ...line, fee: "" }] },
      { ...placed, key: "", fills: [] },
    ];
    const fills = Object.assign(emptyAccount("fills", "full"), { fills: events });
    const more = Object.assign(emptyAccount("more", "full"), {
      fills: [...events, { ...placed, fills: [{ ...line, liquidity: "maker" }] }],
    });
    const most = Object.assign(emptyAccount("most", "full"), {
      fills: [{ ...placed, fills: [], by: "somebody" }],
    });
    for (const account of [odd, orders, fills, more, most]) state.accounts.set(account.id, account);
    const restored = await back({ state, regimes: whole.regimes });
    expect(inOrder(restored)).toStrictEqual(inOrder({ state, regimes: whole.regimes }));
  });

  it("leaves fills unread until looked at, and copies and changes them as any", async () => {
    const { state } = await back(whole);
    const [id, { fills }] = [...whole.state.accounts].find(([, one]) => one.fills.length > 5)!;
    const account = state.accounts.get(id)!;
    const isUnread = () => Object.getOwnPropertyDescriptor(account, "fills")!.get !== undefined;
    expect(isUnread()).toBe(true);
    const again = await encoded({ state, regimes: whole.regimes });
    expect([isUnread(), Buffer.compare(again, bytes)]).toEqual([true, 0]);
    expect(copyAccount(account).fills).toStrictEqual(fills);
    const looked = account.fills;
    expect(isUnread()).toBe(false);
    expect(account.fills).toBe(looked);
    expect(Buffer.compare(await encoded({ state, regimes: whole.regimes }), bytes)).toBe(0);
    account.fills = fills.slice(1);
    const changed = (await back({ state, regimes: whole.regimes })).state.accounts.get(id)!;
    changed.fills = [...changed.fills];
    expect(changed.fills).toStrictEqual(fills.slice(1));
  });

  it("has a state without accounts or regimes", async () => {
    const bare = { state: { ...whole.state, accounts: new Map() }, regimes: new Map() };
    expect(inOrder(await back(bare))).toStrictEqual(inOrder(bare));
  });
});

describe("bytes that are no snapshot", () => {
  const decode = (of: Uint8Array) => () => decodeSnapshot("snapshot-7.bin", of);

  it("are told by 300 single bits at random, each one", () => {
    const chance = dice(20);
    for (let i = 0; i < 300; i++) {
      const changed = Uint8Array.from(bytes);
      const bit = chance.below(bytes.length * 8);
      changed[bit >> 3]! ^= 1 << (bit % 8);
      expect(decode(changed), `bit ${bit}`).toThrow(/malformed_file: snapshot-7\.bin: /);
    }
  });

  it("are told when they are cut, at any byte of either end and at a thousand between", () => {
    const lengths = new Set<number>();
    for (let i = 0; i < 200; i++) lengths.add(i).add(bytes.length - 1 - i);
    for (let i = 0; i < 1_000; i++) lengths.add(Math.floor((i * bytes.length) / 1_000));
    for (const length of lengths) {
      expect(decode(bytes.subarray(0, length)), `${length} bytes`).toThrow(
        /malformed_file: snapshot-7\.bin: /,
      );
    }
  });

  it("are told when something follows", () => {
    expect(decode(Buffer.concat([bytes, Buffer.alloc(1)]))).toThrow(/malformed_file/);
  });

  it("say that they are of a newer version", () => {
    const newer = resealed((view) => view.writeUInt32LE(2, 8));
    expect(decode(newer)).toThrow(/expected version 1, found version 2, of a newer Slidewire/);
  });

  it("say so when the hash is right and the content is not", () => {
    const accounts = resealed((view) => {
      const at = view.indexOf('"accounts":') + '"accounts":'.length;
      view.write(String(Number(String.fromCharCode(view[at]!)) - 1), at);
    });
    expect(decode(accounts)).toThrow(/malformed_file: snapshot-7\.bin: .*accounts with/);
    expect(decode(resealed((view) => view.fill(0xff, 600, 700)))).toThrow(/malformed_file/);
  });

  /** Changed, and with a hash that is right. */
  function resealed(change: (view: Buffer) => void): Uint8Array {
    const view = Buffer.from(bytes);
    change(view);
    const body = view.subarray(0, view.length - 32);
    createHash("sha256").update(body).digest().copy(view, body.length);
    return view;
  }
});
