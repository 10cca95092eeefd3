/** Group commit and the buffer of Turns over a store in memory: what is answered, when, and how. */
import { describe, expect, it } from "vitest";
import type { Journal } from "./journal.ts";
import { journalOver } from "./journal.ts";
import type { ListRecord, OrderedList } from "./list.ts";
import { type MemoryStore, memoryStore } from "./memory-store.test-kit.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (record: Uint8Array) => new TextDecoder().decode(record);

/** A clock that stands: what is due soon runs when told, what is due later when time is passed. */
function standingClock() {
  const soon: (() => void)[] = [];
  let later: (() => void)[] = [];
  const settle = () => new Promise<void>((done) => setImmediate(done));
  return {
    soon: (act: () => void) => void soon.push(act),
    after(_ms: number, act: () => void) {
      later.push(act);
      return () => undefined;
    },
    async run() {
      while (soon.length > 0) {
        for (const act of soon.splice(0)) act();
        await settle();
      }
    },
    async second() {
      const due = later;
      later = [];
      for (const act of due) act();
      await settle();
      await this.run();
    },
  };
}

interface Opened {
  readonly store: MemoryStore;
  readonly clock: ReturnType<typeof standingClock>;
  readonly journal: Journal;
}

function opened(store = memoryStore(), turnsWaitingBytesMax?: number): Opened {
  const clock = standingClock();
  const bound = turnsWaitingBytesMax === undefined ? {} : { turnsWaitingBytesMax };
  return { store, clock, journal: journalOver(store, { clock, ...bound }) };
}

async function recordsOf(list: OrderedList, from = 1): Promise<(readonly [number, string])[]> {
  const found: ListRecord[] = [];
  for await (const record of list.read(from)) found.push(record);
  return found.map((record) => [record.seq, text(record.bytes)] as const);
}

/** How an append ended: its code, or "written". */
async function outcome(appended: () => Promise<void> | void): Promise<string> {
  try {
    await appended();
    return "written";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe("the account chain", () => {
  it("answers an append when it is written, and reads it back by its number", async () => {
    const { store, clock, journal } = opened();
    let answered = false;
    const append = Promise.resolve(journal.account.append([bytes("a"), bytes("b")], 1));
    void append.then(() => {
      answered = true;
    });
    expect([store.commits, answered, journal.account.lastSeq()]).toEqual([0, false, 0]);
    await clock.run();
    expect([store.commits, answered, journal.account.lastSeq()]).toEqual([1, true, 2]);
    expect(await recordsOf(journal.account, 2)).toEqual([[2, "b"]]);
  });

  it("writes what was appended at one moment by one commit", async () => {
    const { store, clock, journal } = opened();
    for (let seq = 1; seq <= 1_000; seq++) void journal.account.append([bytes(`${seq}`)], seq);
    await clock.run();
    expect([store.commits, journal.account.lastSeq()]).toEqual([1, 1_000]);
    expect((await recordsOf(journal.account, 1_000))[0]).toEqual([1_000, "1000"]);
  });

  it("cuts a group at its bytes, and never a record", async () => {
    const { store, clock, journal } = opened();
    const large = new Uint8Array(3 * 1024 * 1024);
    for (let seq = 1; seq <= 4; seq++) void journal.account.append([large], seq);
    await clock.run();
    expect(store.batches.account.map(({ lastSeq }) => lastSeq)).toEqual([1, 2, 3, 4]);
  });

  it.each([0, 2, 7])("refuses an append that expects number %i first", async (seq) => {
    const { journal, store } = opened();
    expect(await outcome(() => journal.account.append([bytes("a")], seq))).toBe("conflict");
    expect(store.commits).toBe(0);
  });

  it("refuses all that is numbered behind a failed write, and begins again behind it", async () => {
    const { store, clock, journal } = opened();
    store.fails = "journal_full";
    const first = outcome(() => journal.account.append([bytes("a")], 1));
    const second = outcome(() => journal.account.append([bytes("b")], 2));
    await clock.run();
    expect(await Promise.all([first, second])).toEqual(["journal_full", "journal_full"]);
    store.fails = undefined;
    expect(await outcome(() => journal.account.append([bytes("c")], 1))).toBe("journal_full");
    await clock.second();
    expect(await outcome(() => journal.account.append([bytes("c")], 3))).toBe("conflict");
    await clock.second();
    const again = outcome(() => journal.account.append([bytes("c")], 1));
    await clock.run();
    expect([await again, journal.state().state]).toEqual(["written", "open"]);
    expect(await recordsOf(journal.account)).toEqual([[1, "c"]]);
  });

  it("bounds what waits", async () => {
    const { journal } = opened();
    const many = Array.from({ length: 65_536 }, () => bytes("x"));
    void journal.account.append(many, 1);
    expect(await outcome(() => journal.account.append([bytes("y")], 65_537))).toBe("journal_full");
    expect(journal.state().state).toBe("open");
  });

  it("is never written again after a write whose outcome is unknown", async () => {
    const { store, clock, journal } = opened();
    const rung: string[] = [];
    journal.onState(({ state, found }) => rung.push(`${state}: ${found}`));
    store.fails = "journal_failed";
    const append = outcome(() => journal.account.append([bytes("a")], 1));
    await clock.run();
    store.fails = undefined;
    await clock.second();
    expect([await append, rung]).toEqual(["journal_failed", ["failed: as the test says"]]);
    expect(await outcome(() => journal.account.append([bytes("a")], 1))).toBe("journal_failed");
    journal.turns.append([bytes("t")], 1);
    await clock.run();
    expect(store.commits).toBe(0);
  });
});

describe("the chain of Turns", () => {
  it("is appended to without waiting, and written behind", async () => {
    const { store, clock, journal } = opened();
    expect(journal.turns.append([bytes("t1")], 1)).toBeUndefined();
    journal.turns.append([bytes("t2")], 2);
    expect([journal.turns.lastSeq(), await recordsOf(journal.turns)]).toEqual([2, []]);
    await clock.run();
    expect(await recordsOf(journal.turns)).toEqual([
      [1, "t1"],
      [2, "t2"],
    ]);
    expect(store.commits).toBe(1);
    expect(await outcome(() => journal.turns.append([bytes("t")], 2))).toBe("conflict");
  });

  it("waits for space on a full disk, tries each second and loses nothing", async () => {
    const { store, clock, journal } = opened();
    const rung: string[] = [];
    journal.onState(({ state }) => rung.push(state));
    store.fails = "journal_full";
    for (let seq = 1; seq <= 5; seq++) {
      journal.turns.append([bytes(`t${seq}`)], seq);
      await clock.second();
    }
    const command = outcome(() => journal.account.append([bytes("a")], 1));
    await clock.run();
    expect(await command).toBe("journal_full");
    store.fails = undefined;
    await clock.second();
    expect(rung).toEqual(["full", "open"]);
    expect((await recordsOf(journal.turns)).map(([seq]) => seq)).toEqual([1, 2, 3, 4, 5]);
  });

  it("drops its oldest beyond its bytes and goes on only behind a snapshot", async () => {
    const { store, clock, journal } = opened(memoryStore(), 1_000);
    const gaps: number[] = [];
    journal.onGap((seq) => gaps.push(seq));
    journal.turns.append([bytes("t1")], 1);
    await clock.run();
    store.fails = "journal_full";
    for (let seq = 2; seq <= 40; seq++) journal.turns.append([new Uint8Array(92)], seq);
    await clock.run();
    await clock.second();
    store.fails = undefined;
    await clock.second();
    const dropped = gaps.at(-1)!;
    expect(dropped).toBeGreaterThan(25);
    expect(journal.turns.lastSeq()).toBe(40);
    expect(await recordsOf(journal.turns)).toEqual([[1, "t1"]]);
    // A snapshot that is too old stands for too little.
    journal.skipTurns(dropped);
    await clock.second();
    expect((await recordsOf(journal.turns)).length).toBe(1);
    journal.skipTurns(dropped + 2);
    await clock.run();
    const seqs = (await recordsOf(journal.turns)).map(([seq]) => seq);
    expect([seqs[0], seqs[1], seqs.at(-1)]).toEqual([1, dropped + 2, 40]);
    journal.turns.append([bytes("t41")], 41);
    await clock.run();
    expect((await recordsOf(journal.turns)).at(-1)).toEqual([41, "t41"]);
  });

  it("goes on behind a snapshot that is ahead of it", async () => {
    const { clock, journal } = opened();
    journal.turns.append([bytes("t1")], 1);
    await clock.run();
    journal.skipTurns(2);
    journal.skipTurns(1);
    journal.skipTurns(10);
    journal.turns.append([bytes("t10")], 10);
    await clock.run();
    expect(await recordsOf(journal.turns)).toEqual([
      [1, "t1"],
      [10, "t10"],
    ]);
  });
});

describe("a journal that is closed", () => {
  it("writes what waits first, and takes no command any more", async () => {
    const { store, clock, journal } = opened();
    const append = outcome(() => journal.account.append([bytes("a")], 1));
    journal.turns.append([bytes("t")], 1);
    const closed = journal.close();
    await clock.run();
    await closed;
    expect([await append, store.closed, store.commits]).toEqual(["written", true, 2]);
    expect(await outcome(() => journal.account.append([bytes("b")], 2))).toBe("journal_failed");
  });
});

describe("a store that was changed", () => {
  const flip = (of: Uint8Array, at: number) => of.set([of[at]! ^ 4], at);
  const changes: readonly (readonly [string, (store: MemoryStore) => void, RegExp])[] = [
    ["a bit of a record", (of) => flip(of.batches.account[1]!.body, 9), /account record 3:/],
    ["a bit of a length", (of) => flip(of.batches.account[1]!.body, 2), /account record 3:/],
    ["a bit of a hash", (of) => flip(of.batches.account[1]!.hash, 0), /account record 3:/],
    ["a missing batch", (of) => void of.batches.account.splice(1, 1), /account record 3:/],
    ["batches in another order", (of) => void of.batches.account.reverse(), /account record/],
    [
      "a batch of another chain",
      (of) => {
        of.batches.account[2] = { ...of.batches.account[2]!, prev: new Uint8Array(32) };
      },
      /account record 5:/,
    ],
  ];

  it.each(changes)("by %s is refused by the name of the record", async (_, change, named) => {
    const { store, clock, journal } = opened();
    for (let seq = 1; seq <= 6; seq += 2) {
      void journal.account.append([bytes("one"), bytes("two")], seq);
      await clock.run();
    }
    expect(await recordsOf(journal.account)).toHaveLength(6);
    change(store);
    await expect(recordsOf(journal.account)).rejects.toThrow(named);
  });
});
