/**
 * The baseline: frames of the same size and rate over the same transport, with nothing behind them.
 *
 *      gateway    feed ─ guard ─ turn ─ engine ─ figures ─ encode ─ credit ─ socket
 *      baseline   pace ─────────────────────────────────── stamp ─────────── socket
 *
 * Measured by the same readers in the same run, it says how much of a latency is the machine, the
 * kernel and the generator; what is left is ours.
 */
import { RiskError } from "../core/errors.ts";
import type { FeedEvent } from "../gateway/feed/feed.ts";
import { feedMeters } from "../gateway/feed/meters.ts";
import { play } from "../gateway/feed/pace.ts";
import { createMetrics } from "../gateway/observe.ts";
import type { Codec } from "../gateway/protocol/codec.ts";
import type { Socket, TransportName } from "../gateway/stream/socket.ts";
import { chooseTransport } from "../gateway/stream/transport.ts";
import type { CodecName } from "./glance.ts";
import { codecNamed } from "./swarm.ts";
import { wallMs } from "./wire.ts";

/** Bytes that may wait for one reader; beyond them it misses frames, which its `prev` shows. */
export const BUFFERED_BYTES_MAX = 1_048_576;
/** Largest frame that is sent, bytes. */
export const FRAME_BYTES_MAX = 1_048_576;
const REQUEST_BYTES_MAX = 65_536;
const REQUEST_MS_MAX = 5_000;

export interface BareOptions {
  readonly transport: TransportName;
  readonly codec: CodecName;
  /** Size of each frame, up to a few bytes: counters in it grow. */
  readonly frameBytes: number;
  /** Market time over wall time, and between two frames, ms: one frame each `stepMs / speed`. */
  readonly speed: number;
  readonly stepMs: number;
}

export interface Bare {
  readonly url: string;
  close(): Promise<void>;
}

/** @throws RiskError `transport_unavailable`, `limit_exceeded` */
export async function openBare(options: BareOptions): Promise<Bare> {
  const { speed, stepMs } = options;
  if (!(options.frameBytes <= FRAME_BYTES_MAX)) {
    const expected = `at most ${FRAME_BYTES_MAX} bytes`;
    throw new RiskError("limit_exceeded", { path: "frameBytes", expected });
  }
  const { transport } = await chooseTransport(options.transport);
  const metrics = createMetrics();
  const sockets = new Set<Socket>();
  const listener = await transport.listen({
    host: "127.0.0.1",
    port: 0,
    streamPath: "/ws",
    frameBytesMax: REQUEST_BYTES_MAX,
    bodyBytesMax: REQUEST_BYTES_MAX,
    requestMs: REQUEST_MS_MAX,
    http: () => ({ status: 200, body: metrics.render() }),
    admit: ({ offered: [subprotocol] }) => ({
      taken: true,
      ...(subprotocol === undefined ? {} : { subprotocol }),
    }),
    opened(socket) {
      sockets.add(socket);
      return {
        message: () => {},
        pong: () => {},
        drain: () => {},
        close: () => sockets.delete(socket),
      };
    },
    dropped: () => {},
    fault(error) {
      throw error;
    },
  });
  const writer = frameWriter(options);
  const playing = play(
    beats(stepMs),
    ({ at }) => broadcast(sockets, writer.frame(at), writer.binary),
    {
      speed,
    },
  );
  feedMeters(metrics, playing, speed);
  return {
    url: `http://127.0.0.1:${listener.port}`,
    async close() {
      playing.stop();
      await playing.done;
      await listener.close();
    },
  };
}

/** Time and nothing else, for ever. */
async function* beats(stepMs: number): AsyncGenerator<FeedEvent> {
  for (let at = stepMs; ; at += stepMs) yield { kind: "marks", at, marks: [] };
}

function broadcast(sockets: ReadonlySet<Socket>, frame: Uint8Array, binary: boolean): void {
  for (const socket of sockets) {
    if (socket.open && socket.bufferedBytes <= BUFFERED_BYTES_MAX) socket.send(frame, binary);
  }
}

interface FrameWriter {
  readonly binary: boolean;
  frame(at: number): Uint8Array;
}

/** State frames like the gateway's, filled up to the size. */
export function frameWriter({ codec: name, frameBytes, stepMs }: BareOptions): FrameWriter {
  const codec = codecNamed(name);
  const place = (at: number, fill: string) => frameOf(codec, { at, seq: at / stepMs, fill });
  const bare = place(stepMs, "").length;
  const fill = "-".repeat(Math.max(0, frameBytes - bare));
  return { binary: codec.binary, frame: (at) => place(at, fill) };
}

interface Place {
  readonly at: number;
  readonly seq: number;
  readonly fill: string;
}

function frameOf(codec: Codec, { at, seq, fill }: Place): Uint8Array {
  const own = { channel: "bare", type: "update", prev: seq - 1, conflated: 0 };
  const ts = Math.round(wallMs());
  const shared = { seq, turn: seq, epoch: "bare", ts, markTs: at, data: { fill } };
  return codec.notification(
    { bytes: codec.members(own), count: Object.keys(own).length },
    { bytes: codec.members(shared), count: Object.keys(shared).length },
  );
}
