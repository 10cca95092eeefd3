/**
 * Ten thousand broken frames on one connection, for each transport and codec: every answer is
 * typed, the connection lives, another one does not notice, and the process has met no defect of
 * its own.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Chance, seededChance } from "../../core/chance.test-kit.ts";
import { systemClock } from "../clock.ts";
import { keysOf } from "../control/keys.ts";
import { codecs } from "../protocol/codec.ts";
import { fakeBoard } from "./board.test-kit.ts";
import { opcodes, type RawClient, type RawFrame, rawConnect } from "./raw-client.test-kit.ts";
import { openStream, type Stream } from "./serve.ts";
import { authParams, type SeenFrame, traderKey } from "./stream.test-kit.ts";
import { transportCases } from "./transports.test-kit.ts";
import { writeMethods } from "./writes.ts";

const FRAMES = 10_000;
const BATCH = 50;

const placed = { "fills.mm-1": { epoch: "lineage-1", seq: 0 } };
const keyed = { account: "mm-1", idempotencyKey: "k", expectedVersion: 1 };
const line = { instrument: "BTC-PERP", quantity: "1.5", price: 60_000 };
const scopes = [...traderKey.scopes, "positions:write", "accounts:open", "marks:write"];

const requests = [
  { method: "hello", params: {} },
  {
    method: "auth",
    params: { grant: "hmac", keyId: "trader", timestamp: 1, nonce: "0".repeat(16) },
  },
  { method: "subscribe", params: { channels: ["margin.mm-1.raw", "regime.BTC.1s"] } },
  { method: "instruments", params: { limit: 5, underlying: "BTC", kind: "option" } },
  { method: "margin.get", params: { account: "mm-1" } },
  { method: "subscribe", params: { channels: ["fills.*", "regime.changes"], since: placed } },
  { method: "accounts.open", params: { ...keyed, mode: "cross" } },
  { method: "fills.apply", params: { ...keyed, fills: [{ ...line, fee: 0.5 }] } },
  { method: "positions.set", params: { ...keyed, positions: [line, line] } },
  { method: "collateral.set", params: { ...keyed, balances: [{ currency: "USDC", amount: 1 }] } },
  { method: "orders.set", params: { ...keyed, orders: [{ ...line, side: "buy" }] } },
  { method: "marks.put", params: { marks: [{ id: "BTC", value: 1 }], idempotencyKey: "m" } },
].map((request, id) => ({ jsonrpc: "2.0", id, ...request }));

const apply = async () => ({
  ...{ seq: 1, lineage: "l", version: 1, durable: true, replayed: false },
});
const put = () => ({
  ...{ at: 1, turn: 1, accepted: 0, refused: [], reasons: {}, why: {}, replayed: false },
});

const cases = transportCases.flatMap(({ title, transport }) =>
  codecs.map((codec) => ({ title: `${codec.subprotocol} over ${title}`, transport, codec })),
);

describe.each(cases)("$title", ({ transport, codec }) => {
  let stream: Stream;
  const faults: unknown[] = [];
  beforeAll(async () => {
    if (transport === undefined) return;
    const board = fakeBoard();
    board.move("mm-1", "BTC");
    stream = await openStream({
      board,
      keys: keysOf([{ ...traderKey, scopes }]),
      extraMethods: writeMethods({ flow: { apply }, marks: { put } }),
      transport: transport.name,
      host: "127.0.0.1",
      port: 0,
      boot: "boot",
      version: "0",
      limits: { costPerSecond: 2_000, costBurst: 4_000 },
      onFault: (error) => void faults.push(error),
    });
  });
  afterAll(() => stream?.close());

  const join = () =>
    rawConnect(stream.port, { headers: { "Sec-WebSocket-Protocol": codec.subprotocol } });
  const opcode = codec.binary ? opcodes.binary : opcodes.text;
  const framed = (tree: unknown): RawFrame => ({ opcode, payload: codec.encode(tree) });
  const read = (payload: Buffer) =>
    codec.decode(codec.binary ? payload : payload.toString(), 32) as SeenFrame;

  it.skipIf(transport === undefined)("survives 10,000 frames of chance; seed 5", async () => {
    const chance = seededChance(5);
    const [client, bystander] = [await join(), await join()];
    const auth = { jsonrpc: "2.0", id: "a", method: "auth" };
    client.send(framed({ ...auth, params: authParams(traderKey, systemClock.now()) }));
    const codes = new Set<unknown>();
    for (let sent = 0; sent < FRAMES; sent += BATCH) {
      const batch = Array.from({ length: BATCH }, () => brokenFrame(chance, opcode, codec.encode));
      client.send(...batch, framed({ jsonrpc: "2.0", id: `end-${sent}`, method: "ping" }));
      for (const { error } of await heardUntil(client, `end-${sent}`, read)) {
        if (error) codes.add(error.data["code"]);
      }
    }
    bystander.send(framed({ jsonrpc: "2.0", id: "b", method: "ping" }));
    expect(read((await bystander.next())!.payload)).toMatchObject({ result: { pong: true } });
    expect(faults).toEqual([]);
    expect(codes).toContain(codec.binary ? "malformed_frame" : "malformed_json");
    expect([...codes].every((code) => typeof code === "string")).toBe(true);
    expect(codes.size).toBeGreaterThan(5);
    for (const one of [client, bystander]) one.destroy();
  });
});

/** Noise, a request with some bytes changed, or a sound request with a value of the wrong kind. */
function brokenFrame(
  chance: Chance,
  opcode: number,
  encode: (tree: unknown) => Uint8Array,
): RawFrame {
  const request = requests[chance.below(requests.length)]!;
  const kind = chance.below(3);
  if (opcode === opcodes.text) {
    const text = JSON.stringify(kind === 2 ? twisted(chance, request) : request);
    return { opcode, payload: kind === 2 ? text : chance.mutated(text) };
  }
  if (kind === 0) return { opcode, payload: chance.bytes(chance.below(200)) };
  const payload = Uint8Array.from(encode(kind === 2 ? twisted(chance, request) : request));
  if (kind === 1) payload[chance.below(payload.length)] = chance.below(256);
  return { opcode, payload };
}

const oddities = [null, -1, 1.5, "", "x", [], {}, true, ["margin.mm-1.raw"], { a: {} }, 2 ** 53];

function twisted(chance: Chance, { params, ...envelope }: (typeof requests)[number]) {
  const oddity = oddities[chance.below(oddities.length)];
  const names = [...Object.keys(params), "extra"];
  const name = names[chance.below(names.length)]!;
  if (chance.below(4) === 0) return { ...envelope, params: oddity };
  return { ...envelope, params: { ...params, [name]: oddity } };
}

/** Everything up to the answer to the request `id`; fails when the line ends before it. */
async function heardUntil(
  client: RawClient,
  id: string,
  read: (payload: Buffer) => SeenFrame,
): Promise<SeenFrame[]> {
  const heard: SeenFrame[] = [];
  for (;;) {
    const frame = await client.next();
    if (frame === undefined) throw new Error(`the connection ended before ${id}`);
    if (frame.opcode === opcodes.ping) {
      client.send({ opcode: opcodes.pong, payload: frame.payload });
      continue;
    }
    if (frame.opcode === opcodes.close) throw new Error(`closed before ${id}`);
    const seen = read(frame.payload);
    heard.push(seen);
    if (seen.id === id) return heard;
  }
}
