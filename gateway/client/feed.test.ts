/** A feed: the newest, once, for whoever comes; never a queue, and an end that everybody hears. */
import { describe, expect, it } from "vitest";
import { RiskError } from "../../core/errors.ts";
import { type Feed, type Frame, openFeed } from "./feed.ts";

const frame = (seq: number, over: Partial<Frame<number>> = {}): Frame<number> => ({
  channel: "margin.a.raw",
  type: seq === 1 ? "snapshot" : "update",
  seq,
  prev: seq - 1,
  conflated: 0,
  turn: seq,
  epoch: "boot",
  ts: seq,
  markTs: seq,
  data: seq,
  ...over,
});
const open = () => openFeed<number>("margin.a.raw", async () => {});
const next = async (iterator: AsyncIterator<Frame<number>>) => (await iterator.next()).value?.data;
const iteratorOf = (feed: Feed<number>) => feed[Symbol.asyncIterator]();

describe("a feed", () => {
  it("gives whoever is slow the newest and nothing in between", async () => {
    const { feed, take } = open();
    const iterator = iteratorOf(feed);
    take(frame(1));
    expect(await next(iterator)).toBe(1);
    for (let seq = 2; seq <= 1_000; seq++) take(frame(seq));
    expect(await next(iterator)).toBe(1_000);
    expect(feed.latest?.seq).toBe(1_000);
  });

  it("gives each iteration everything that is new to it", async () => {
    const { feed, take } = open();
    take(frame(1));
    const [first, second] = [iteratorOf(feed), iteratorOf(feed)];
    expect(await next(first)).toBe(1);
    take(frame(2));
    expect(await next(first)).toBe(2);
    expect(await next(second)).toBe(2);
  });

  it("wakes whoever waits", async () => {
    const { feed, take } = open();
    const waiting = next(iteratorOf(feed));
    await Promise.resolve();
    take(frame(1));
    expect(await waiting).toBe(1);
  });

  it("keeps the newest of each account when it is one of all", async () => {
    const { feed, take } = openFeed<number>("margin.*.raw", async () => {});
    const iterator = iteratorOf(feed);
    for (let seq = 1; seq <= 10; seq++) {
      for (const account of ["a", "b"]) take(frame(seq, { channel: `margin.${account}.raw` }));
    }
    expect([await next(iterator), await next(iterator)]).toEqual([10, 10]);
    expect([...feed.latestByChannel.keys()]).toEqual(["margin.a.raw", "margin.b.raw"]);
  });

  it("counts frames that did not follow the one before, and no snapshot among them", () => {
    const { feed, take } = open();
    take(frame(1));
    take(frame(5, { prev: 1, conflated: 3 }));
    expect(feed.gaps).toBe(0);
    take(frame(9, { prev: 7 }));
    expect(feed.gaps).toBe(1);
    take(frame(3, { type: "snapshot", prev: 0, epoch: "next" }));
    take(frame(4, { epoch: "next" }));
    expect(feed.gaps).toBe(1);
  });

  it("ends every iteration when it is closed, and tells once", async () => {
    let closes = 0;
    const { feed } = openFeed<number>("margin.a.raw", async () => {
      closes += 1;
    });
    const [first, second] = [iteratorOf(feed).next(), iteratorOf(feed).next()];
    await feed.close();
    await feed[Symbol.asyncDispose]();
    expect([await first, await second].map(({ done }) => done)).toEqual([true, true]);
    expect(closes).toBe(1);
  });

  it("throws the refusal that ended it, after what was still to be seen", async () => {
    const { feed, take, end } = open();
    const iterator = iteratorOf(feed);
    take(frame(1));
    end(new RiskError("unknown_account"));
    expect(await next(iterator)).toBe(1);
    await expect(iterator.next()).rejects.toThrow(/unknown_account/);
  });

  it("forgets who leaves its loop", async () => {
    const { feed, take } = open();
    take(frame(1));
    for await (const { data } of feed) {
      expect(data).toBe(1);
      break;
    }
    take(frame(2));
    expect(feed.latest?.data).toBe(2);
  });
});
