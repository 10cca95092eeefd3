/**
 * A desk for tests of the methods that write: a real flow over a small market with the
 * demonstration's accounts, behind real connections on fakes.
 */

import { type Key, type Keys, keysOf } from "../control/keys.ts";
import type { FeedEvent } from "../feed/feed.ts";
import { flowTime, openMarksPort } from "../feed/marks-port.ts";
import { eventsOf, flowOver, heldList, openDemo, smallSim } from "../flow.test-kit.ts";
import type { Flow, FlowOptions } from "../flow.ts";
import { memoryList } from "../journal/list.ts";
import { liveBoard } from "../live-board.ts";
import type { Limits } from "../protocol/limits.ts";
import {
  type FakeClient,
  joinRig,
  type SeenFrame,
  streamRig,
  traderKey,
} from "./stream.test-kit.ts";
import { writeMethods } from "./writes.ts";

const keyOf = (keyId: string, scopes: readonly string[]): Key => ({ ...traderKey, keyId, scopes });

/** Reads and writes every account. */
export const writerKey = keyOf("writer", ["margin:read:*", "regime:read", "positions:write"]);
/** Writes, of the accounts that it may read: one. */
export const narrowWriter = keyOf("narrow-writer", ["margin:read:perp-1", "positions:write"]);
/** Opens accounts and feeds marks. */
export const opsKey = keyOf("ops", ["margin:read:*", "accounts:open", "marks:write"]);

export interface DeskOptions {
  readonly flow?: Partial<Omit<FlowOptions, "list">>;
  readonly keys?: Keys;
  readonly limits?: Partial<Limits>;
}

/** The flow and its board, without connections. */
export function marketDesk(options: DeskOptions["flow"] = {}) {
  const feed = smallSim(600);
  const { flow } = flowOver(feed, options);
  for (const event of eventsOf(feed, 30)) flow.accept(event);
  openDemo(flow);
  return { feed, flow, board: liveBoard(flow, feed.barMs) };
}

export function openDesk(options: DeskOptions = {}) {
  const { feed, flow, board } = marketDesk(options.flow);
  const accept = (event: FeedEvent) => flow.accept(event);
  const marks = openMarksPort({ flow, accept, now: flowTime(flow) });
  const rig = streamRig({
    board,
    keys: options.keys ?? keysOf([writerKey, narrowWriter, opsKey, traderKey]),
    extraMethods: writeMethods({ flow, marks }),
    limits: { costBurst: 1e6, ...options.limits },
  });
  return { flow, feed, ...rig, join: (key: Key) => writerOn(joinRig(rig, { key })) };
}

export type Desk = ReturnType<typeof openDesk>;

/** A list that answers at once until it is held; then when the test says so. */
export function slowList() {
  const [quick, slow] = [memoryList(), heldList()];
  let held = false;
  return {
    ...slow,
    append: (batch: readonly Uint8Array[], expectedSeq: number) =>
      held ? slow.append(batch, expectedSeq) : quick.append(batch, expectedSeq),
    hold(): void {
      held = true;
    },
  };
}

/** A client that waits for answers that come later. */
export interface Writer {
  readonly client: FakeClient;
  /** The frame that answers. */
  ask(method: string, params: object): Promise<SeenFrame>;
  /** Its result. */
  result(method: string, params: object): Promise<Readonly<Record<string, unknown>>>;
  /** The code of its refusal and where it points; undefined when it was none. */
  refusal(method: string, params: object): Promise<readonly [unknown, unknown] | undefined>;
}

/** Rounds of the event loop that an answer may take. */
const ROUNDS_MAX = 1_000;
let ids = 0;

function writerOn(client: FakeClient): Writer {
  const { socket } = client;
  async function ask(method: string, params: object): Promise<SeenFrame> {
    ids += 1;
    const id = `w${ids}`;
    client.events.message(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const at = socket.sent.findIndex((frame) => frame.id === id);
      if (at >= 0) return socket.sent.splice(at, 1)[0]!;
      await new Promise((done) => setTimeout(done, 0));
    }
    return {};
  }
  return {
    client,
    ask,
    result: async (method, params) => (await ask(method, params)).result ?? {},
    async refusal(method, params) {
      const { error } = await ask(method, params);
      return error && [error.data["code"], error.data["path"]];
    },
  };
}

/** A trade in the perpetual of `flow`'s BTC, at its mark. */
export function perpetualFill({ engine: { state } }: Flow, quantity: number | string = "0.5") {
  const one = [...state.market.instruments.values()].find(
    ({ spec }) => spec.kind === "perpetual" && spec.underlying === "BTC",
  )!;
  return { instrument: one.spec.id, quantity, price: String(Math.round(one.mark!)) };
}
