/**
 * What is watched: versions of an account's or underlying's figures, and the channels that carry
 * them.
 *
 *      source   one account or underlying: `seq` counts the versions of its figures that were seen
 *      topic    one channel of it (an interval): who subscribes, and the newest frame, encoded once
 *
 * A source outlives its subscribers, so that `seq` never starts again within a boot; there are as
 * many as there are accounts and underlyings that somebody watched. Nothing is queued: a frame is
 * read from the board when it is sent, so it is always the newest.
 */

import type { Board, WireTree } from "../board.ts";
import type { Family, StateChannel } from "../protocol/channels.ts";
import type { Codec, Members } from "../protocol/codec.ts";
import { requireFinite } from "../protocol/finite-tree.ts";

export interface Source {
  readonly family: Family;
  readonly subject: string;
  /** Versions seen; 0 while there are no figures. */
  seq: number;
  /** Turn in which the newest of them moved. */
  turn: number;
  readonly topics: Set<Topic>;
}

export interface Topic {
  readonly channel: StateChannel;
  readonly source: Source;
  readonly watchers: Set<Watcher>;
  /** Which of the ten ticks of a second sends a `1s` topic. */
  readonly phase: number;
  /** Version that all watchers were last told of. */
  markedSeq: number;
  readonly encoded: Map<Codec, Encoded>;
}

/** One subscriber's place in a topic. */
export interface Watcher {
  readonly topic: Topic;
  /** Version last sent to it; 0 before the snapshot. */
  sentSeq: number;
  sentAtMs: number;
}

/** The shared half of a frame and the last whole frame made of it. */
interface Encoded {
  readonly seq: number;
  readonly shared: Members;
  prev: number;
  type: FrameType;
  frame: Uint8Array | undefined;
}

export type FrameType = "snapshot" | "update" | "hb";

export interface FrameClock {
  /** Epoch of STATE channels. */
  readonly boot: string;
  /** Wall clock, ms. */
  now(): number;
}

/** Brings `source` up to the board; answers whether its figures moved. */
export function observe(board: Board, source: Source): boolean {
  const { family, subject } = source;
  const turn = family === "margin" ? board.marginTurn(subject) : board.regimeTurn(subject);
  if (turn === source.turn) return false;
  source.turn = turn;
  source.seq += 1;
  return true;
}

/**
 * The newest frame of `topic` for a watcher that last saw version `prev`; undefined while there are
 * no figures.
 *
 * @throws RiskError `risk_not_finite` when a figure is broken: then nothing is sent
 */
export function stateFrame(
  board: Board,
  clock: FrameClock,
  topic: Topic,
  { codec, prev }: { readonly codec: Codec; readonly prev: number },
): Uint8Array | undefined {
  observe(board, topic.source);
  const encoded = newest(board, clock, topic, codec);
  if (encoded === undefined) return undefined;
  const type = prev === 0 ? "snapshot" : "update";
  if (encoded.frame === undefined || encoded.prev !== prev || encoded.type !== type) {
    const own = { channel: topic.channel.name, type, prev, conflated: encoded.seq - prev - 1 };
    encoded.frame = codec.notification({ bytes: codec.members(own), count: 4 }, encoded.shared);
    encoded.prev = prev;
    encoded.type = type;
  }
  return encoded.frame;
}

/** Says that a channel is alive and its newest version still the one that was sent. */
export function heartbeatFrame(
  board: Board,
  clock: FrameClock,
  { topic, sentSeq }: Watcher,
  codec: Codec,
): Uint8Array {
  const own = { channel: topic.channel.name, type: "hb", prev: sentSeq, conflated: 0 };
  const shared = stamps(board, clock, topic.source, sentSeq);
  return codec.notification(
    { bytes: codec.members(own), count: 4 },
    { bytes: codec.members(shared), count: Object.keys(shared).length },
  );
}

function newest(board: Board, clock: FrameClock, topic: Topic, codec: Codec): Encoded | undefined {
  const { seq } = topic.source;
  const known = topic.encoded.get(codec);
  if (known?.seq === seq) return known;
  const tree = figures(board, topic);
  if (tree === undefined || seq === 0) return undefined;
  requireFinite(tree, topic.channel.name);
  const members = { ...stamps(board, clock, topic.source, seq), data: tree };
  const shared = { bytes: codec.members(members), count: Object.keys(members).length };
  const fresh: Encoded = { seq, shared, prev: 0, type: "snapshot", frame: undefined };
  topic.encoded.set(codec, fresh);
  return fresh;
}

/** Liquidation prices cost some dozen revaluations: they travel once a second and no faster. */
function figures(board: Board, { channel, source }: Topic): WireTree | undefined {
  const { family, subject } = source;
  if (family === "regime") return board.regime(subject);
  return board.margin(subject, channel.interval === "1s");
}

/** `turn` is the one in which the figures moved last: the turn of the exported book. */
function stamps(board: Board, clock: FrameClock, source: Source, seq: number) {
  return {
    seq,
    turn: source.turn,
    epoch: clock.boot,
    ts: Math.round(clock.now()),
    markTs: board.markAt(),
  };
}
