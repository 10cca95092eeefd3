/**
 * A reader that stops, for real: the kernel would take megabytes for it, the stream gives it its
 * credit and no more, whoever reads on does not notice, and in the end it is told why it was
 * closed.
 */
import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../clock.ts";
import { keysOf } from "../control/keys.ts";
import { type FakeBoard, fakeBoard } from "./board.test-kit.ts";
import { opcodes, type RawClient, rawConnect } from "./raw-client.test-kit.ts";
import { openStream, type Stream } from "./serve.ts";
import { authParams, type SeenFrame, traderKey } from "./stream.test-kit.ts";
import { sleep, transportCases } from "./transports.test-kit.ts";

const CREDIT = 16_384;
const STALL_MS = 500;
const TURNS = 200;

const filler = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`figure${i}`, i * 1.25]));

describe.each(transportCases)("a reader that stops, on $title", ({ transport }) => {
  let stream: Stream | undefined;
  const clients: RawClient[] = [];
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await stream?.close();
  });

  const open = async (board: FakeBoard) => {
    stream = await openStream({
      board,
      keys: keysOf([traderKey]),
      transport: transport!.name,
      host: "127.0.0.1",
      port: 0,
      boot: "boot",
      version: "0",
      limits: { unpongedBytes: CREDIT, stallMs: STALL_MS, heartbeatMs: 200 },
    });
    return stream;
  };
  const join = async ({ port }: Stream) => {
    const client = await rawConnect(port);
    clients.push(client);
    const ask = (id: number, method: string, params: object) =>
      client.send({
        opcode: opcodes.text,
        payload: JSON.stringify({ jsonrpc: "2.0", id, method, params }),
      });
    ask(1, "auth", authParams(traderKey, systemClock.now()));
    ask(2, "subscribe", { channels: ["margin.mm-1.raw"] });
    for (let i = 0; i < 3; i++) await client.next();
    return client;
  };

  it.skipIf(transport === undefined)("gets its credit, then nothing, then 4410", async () => {
    const board = fakeBoard({ accounts: ["mm-1"] });
    board.setMargin("mm-1", filler);
    board.move("mm-1");
    const running = await open(board);
    const [stalled, reading] = [await join(running), await join(running)];
    const heard = readOn(reading, TURNS);
    // The stalled one's bytes pile up in the kernel unread, and no ping of its is ever answered.
    stalled.pause();
    for (let turn = 0; turn < TURNS; turn++) {
      board.move("mm-1");
      await sleep(1);
    }
    expect((await heard).at(-1)?.params?.seq).toBe(TURNS + 1);
    reading.destroy();
    await sleep(STALL_MS + 1_200);
    stalled.resume();
    const { bytes, code } = await restOf(stalled);
    expect(code).toBe(4410);
    expect(bytes).toBeGreaterThan(CREDIT / 2);
    expect(bytes).toBeLessThan(CREDIT + 4_096);
    const metrics = running.metrics.render();
    expect(metrics).toContain("slidewire_slow_readers_closed_total 1\n");
    expect(metrics).toContain("slidewire_dropped_total 0\n");
  });
});

/** Reads and answers pings until a frame of version `turns` + 1 has come. */
async function readOn(client: RawClient, turns: number): Promise<SeenFrame[]> {
  const seen: SeenFrame[] = [];
  while ((seen.at(-1)?.params?.seq ?? 0) <= turns) {
    const frame = await client.next();
    if (frame === undefined) break;
    if (frame.opcode === opcodes.ping) {
      client.send({ opcode: opcodes.pong, payload: frame.payload });
    } else seen.push(JSON.parse(frame.payload.toString()) as SeenFrame);
  }
  return seen;
}

/** What lay there unread: bytes of text frames, and the code at the end. */
async function restOf(client: RawClient): Promise<{ bytes: number; code: number }> {
  let bytes = 0;
  for (;;) {
    const frame = await client.next();
    if (frame === undefined) return { bytes, code: 1006 };
    if (frame.opcode === opcodes.text) bytes += frame.payload.length;
    if (frame.opcode === opcodes.close) return { bytes, code: frame.payload.readUInt16BE(0) };
  }
}
