/**
 * Writes and events over real sockets, on both transports and both codecs: every fill once and in
 * order to every reader, resumed on another line; and a reader that stops is closed 4410.
 */
import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../clock.ts";
import { type Key, keysOf } from "../control/keys.ts";
import { codecs } from "../protocol/codec.ts";
import { type FakeBoard, fakeBoard } from "./board.test-kit.ts";
import { opcodes, type RawClient, rawConnect } from "./raw-client.test-kit.ts";
import { openStream, type Stream, type StreamOptions } from "./serve.ts";
import { authParams, type SeenFrame, traderKey } from "./stream.test-kit.ts";
import { sleep, transportCases } from "./transports.test-kit.ts";
import { marketDesk, perpetualFill, writerKey } from "./writes.test-kit.ts";
import { writeMethods } from "./writes.ts";

const ACCOUNT = "perp-1";
const CHANNEL = `fills.${ACCOUNT}`;
const FILLS = 60;

let stream: Stream | undefined;
const clients: RawClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await stream?.close();
  stream = undefined;
});

async function serve(options: Pick<StreamOptions, "board" | "transport"> & Partial<StreamOptions>) {
  const keys = keysOf([traderKey, writerKey]);
  const common = { keys, host: "127.0.0.1", port: 0, boot: "boot", version: "0" };
  stream = await openStream({ ...common, ...options });
  return stream;
}

/** A client of a codec that keeps the answers and the frames apart, and answers pings. */
async function join(port: number, codec: (typeof codecs)[number], key: Key) {
  const headers = { "Sec-WebSocket-Protocol": codec.subprotocol };
  const raw = await rawConnect(port, { headers });
  clients.push(raw);
  const opcode = codec.binary ? opcodes.binary : opcodes.text;
  const frames: NonNullable<SeenFrame["params"]>[] = [];
  const answers = new Map<unknown, SeenFrame>();
  let ids = 0;
  async function hear(): Promise<boolean> {
    const frame = await raw.next();
    if (frame === undefined || frame.opcode === opcodes.close) return false;
    if (frame.opcode === opcodes.ping) {
      raw.send({ opcode: opcodes.pong, payload: frame.payload });
      return true;
    }
    const text = codec.binary ? frame.payload : frame.payload.toString();
    const seen = codec.decode(text, 32) as SeenFrame;
    if (seen.params) frames.push(seen.params);
    else answers.set(seen.id, seen);
    return true;
  }
  const client = {
    raw,
    frames,
    send(method: string, params: object): number {
      ids += 1;
      raw.send({ opcode, payload: codec.encode({ jsonrpc: "2.0", id: ids, method, params }) });
      return ids;
    },
    async answer(id: number): Promise<Readonly<Record<string, unknown>>> {
      while (!answers.has(id) && (await hear()));
      return answers.get(id)?.result ?? {};
    },
    async heard(count: number) {
      while (frames.length < count && (await hear()));
      return frames.splice(0);
    },
  };
  await client.answer(client.send("auth", authParams(key, systemClock.now())));
  return client;
}

const cases = transportCases.flatMap(({ title, transport }) =>
  codecs.map((codec) => ({ title: `${codec.subprotocol} over ${title}`, transport, codec })),
);

describe.each(cases)("events as $title", ({ transport, codec }) => {
  it.skipIf(transport === undefined)(
    "are every fill once, in order, and go on on another line where they broke",
    async () => {
      const { flow, board } = marketDesk();
      const extraMethods = writeMethods({ flow });
      const limits = { costBurst: 1e6 };
      const { port } = await serve({ board, transport: transport!.name, extraMethods, limits });
      const [writer, reader] = [
        await join(port, codec, writerKey),
        await join(port, codec, traderKey),
      ];
      await reader.answer(reader.send("subscribe", { channels: [CHANNEL] }));
      const params = (i: number) => ({
        account: ACCOUNT,
        idempotencyKey: `k${i % FILLS}`,
        fills: [perpetualFill(flow, i % 2 ? -0.5 : "0.5")],
      });
      // Each is sent twice, the second time much later.
      const seqs: unknown[] = [];
      for (let from = 0; from < 2 * FILLS; from += 20) {
        const ids = Array.from({ length: 20 }, (_, i) =>
          writer.send("fills.apply", params(from + i)),
        );
        for (const id of ids) seqs.push((await writer.answer(id))["seq"]);
      }
      expect(seqs.slice(FILLS)).toEqual(seqs.slice(0, FILLS));
      const frames = await reader.heard(FILLS + 1);
      expect(frames[0]?.type).toBe("snapshot");
      expect(frames.slice(1).map(({ seq }) => seq)).toEqual(seqs.slice(0, FILLS));
      expect(frames.slice(1).map(({ prev }) => prev)).toEqual([
        frames[0]?.seq,
        ...seqs.slice(0, FILLS - 1),
      ]);
      reader.raw.destroy();
      const { epoch, seq } = frames[FILLS - 5]!;
      const again = await join(port, codec, traderKey);
      const resume = { channels: [CHANNEL], since: { [CHANNEL]: { epoch, seq } } };
      const reply = await again.answer(again.send("subscribe", resume));
      expect(reply["channels"]).toMatchObject([{ recovered: true, seq: seqs[FILLS - 1] }]);
      expect((await again.heard(5)).map((frame) => frame.seq)).toEqual(
        seqs.slice(FILLS - 5, FILLS),
      );
    },
  );
});

describe.each(transportCases)("a reader of events that stops, on $title", ({ transport }) => {
  it.skipIf(transport === undefined)("is closed 4410 and has had no gap", async () => {
    const board: FakeBoard = fakeBoard({ accounts: [ACCOUNT] });
    const limits = { eventsPerChannel: 100, unpongedBytes: 8_192, stallMs: 60_000 };
    const { port, metrics } = await serve({ board, transport: transport!.name, limits });
    const [stalled, reading] = [
      await join(port, codecs[0]!, traderKey),
      await join(port, codecs[0]!, traderKey),
    ];
    for (const one of [stalled, reading]) {
      await one.answer(one.send("subscribe", { channels: [CHANNEL] }));
      await one.heard(1);
    }
    stalled.raw.pause();
    const seen: number[] = [];
    for (let i = 0; i < 40; i++) {
      board.happen(...Array(10).fill(CHANNEL));
      seen.push(...(await reading.heard(10)).map(({ seq }) => seq));
    }
    expect(seen).toEqual(Array.from({ length: 400 }, (_, i) => i + 1));
    await sleep(20);
    stalled.raw.resume();
    const had = (await stalled.heard(1_000)).map(({ seq }) => seq);
    expect(had).toEqual(had.map((_, i) => i + 1));
    expect(had.length).toBeGreaterThan(10);
    expect(had.length).toBeLessThan(200);
    expect(metrics.render()).toContain("slidewire_slow_readers_closed_total 1\n");
  });
});
