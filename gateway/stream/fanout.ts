/**
 * From the board's bell to the sockets: who watches what, and when each is told.
 *
 *      bell ─► sources that moved ─► raw topics   ─┐
 *      tick ─────────────────────► 100ms, 1s     ─┴► dirty sets ─► one cork per connection
 *      pong, drain ─────────────────────────────────────► what is still dirty
 *
 * The bell only notes that it rang; the work is done once for all turns that came meanwhile. Each
 * topic is encoded once per codec, whoever watches it.
 */
import type { Board } from "../board.ts";
import type { Clock } from "../clock.ts";
import { intervals, type StateChannel } from "../protocol/channels.ts";
import type { Limits } from "../protocol/limits.ts";
import { EventFanout } from "./event-fanout.ts";
import type { StreamMeters } from "./meters.ts";
import { canTake, mayWatch, type Session, sendFrame } from "./session.ts";
import {
  type FrameClock,
  heartbeatFrame,
  observe,
  type Source,
  stateFrame,
  type Topic,
  type Watcher,
} from "./topics.ts";

export interface FanoutOptions {
  readonly board: Board;
  readonly clock: Clock;
  readonly boot: string;
  readonly limits: Limits;
  readonly meters: StreamMeters;
  fault(error: unknown): void;
}

/** Distance between two ticks, ms. */
export const TICK_MS = intervals["100ms"];
const TICKS_PER_SECOND = 1_000 / TICK_MS;

export class Fanout {
  /** EVENT channels, which share connections and corks with these. */
  readonly events: EventFanout;
  readonly #options: FanoutOptions;
  readonly #frameClock: FrameClock;
  readonly #sources = new Map<string, Source>();
  readonly #topics = new Map<string, Topic>();
  /** Who watches through a watcher: what a dirty watcher is flushed to. */
  readonly #sessions = new Map<Watcher, Session>();
  /** Connections that have events to send, since the bell rang. */
  readonly #awaiting = new Set<Session>();
  readonly #stopBell: () => void;
  #rung = false;
  #ticks = 0;

  constructor(options: FanoutOptions) {
    this.#options = options;
    this.events = new EventFanout(options);
    const { board, boot, clock } = options;
    this.#frameClock = { boot, now: () => clock.now() };
    this.#stopBell = board.onTurn(() => this.#ring());
  }

  stop(): void {
    this.#stopBell();
  }

  /** Channels watched, over all connections. */
  get watcherCount(): number {
    return this.#sessions.size + this.events.watcherCount;
  }

  /**
   * Adds the channel; its snapshot follows with the next flush. False when it was there already.
   */
  watch(session: Session, channel: StateChannel): boolean {
    if (session.watchers.has(channel.name)) return false;
    const topic = this.#topicOf(channel);
    const watcher: Watcher = { topic, sentSeq: 0, sentAtMs: this.#options.clock.now() };
    topic.watchers.add(watcher);
    session.watchers.set(channel.name, watcher);
    session.dirty.add(watcher);
    this.#sessions.set(watcher, session);
    return true;
  }

  /** False when the channel was not watched. */
  unwatch(session: Session, name: string): boolean {
    const watcher = session.watchers.get(name);
    if (watcher === undefined) return false;
    session.watchers.delete(name);
    session.dirty.delete(watcher);
    this.#sessions.delete(watcher);
    const { topic } = watcher;
    topic.watchers.delete(watcher);
    if (topic.watchers.size === 0) {
      this.#topics.delete(name);
      topic.source.topics.delete(topic);
    }
    return true;
  }

  /** Forgets a connection. */
  leave(session: Session): void {
    for (const name of [...session.watchers.keys()]) this.unwatch(session, name);
    this.events.leave(session);
    this.#awaiting.delete(session);
  }

  /** The newest version of a channel's figures; 0 while there are none. */
  versionOf(channel: StateChannel): number {
    const source = this.#sourceOf(channel);
    observe(this.#options.board, source);
    return source.seq;
  }

  /** A tenth of a second is over: the conflated channels that moved are due. */
  tick(): void {
    this.#ticks += 1;
    const phase = this.#ticks % TICKS_PER_SECOND;
    const due = (topic: Topic): boolean =>
      topic.channel.interval === "100ms" ||
      (topic.channel.interval === "1s" && topic.phase === phase);
    this.#publish(due);
  }

  /** Sends what is dirty, as far as the reader's credit goes; the rest stays dirty. */
  flush(session: Session): void {
    const { limits } = this.#options;
    const dirty = session.dirty.size + session.dirtyEvents.size;
    if (dirty === 0 || !canTake(session, limits)) return;
    session.socket.cork(() => {
      this.#guarded(() => this.events.flush(session));
      for (const watcher of session.dirty) {
        if (!canTake(session, limits)) return;
        session.dirty.delete(watcher);
        this.#guarded(() => this.#sendState(session, watcher));
      }
    });
  }

  /** Tells a reader that its silent channels are alive. */
  heartbeat(session: Session): void {
    const { board, clock, limits } = this.#options;
    const nowMs = clock.now();
    for (const watcher of session.watchers.values()) {
      const silent = nowMs - watcher.sentAtMs >= limits.heartbeatMs && !session.dirty.has(watcher);
      if (!silent || !canTake(session, limits)) continue;
      const frame = heartbeatFrame(board, this.#frameClock, watcher, session.codec);
      this.#send(session, watcher, frame);
    }
    this.events.heartbeat(session);
  }

  #ring(): void {
    this.#guarded(() => {
      for (const session of this.events.take()) this.#awaiting.add(session);
    });
    if (this.#rung) return;
    this.#rung = true;
    this.#options.clock.soon(() => {
      this.#rung = false;
      this.#publish((topic) => topic.channel.interval === "raw", this.#awaiting);
      this.#awaiting.clear();
      this.events.settle();
    });
  }

  /**
   * Marks the watchers of every due topic that moved, then flushes each of their connections
   * once.
   */
  #publish(due: (topic: Topic) => boolean, touched = new Set<Session>()): void {
    for (const source of this.#sources.values()) {
      if (source.topics.size === 0) continue;
      observe(this.#options.board, source);
      for (const topic of source.topics) {
        if (topic.markedSeq !== source.seq && due(topic)) this.#mark(topic, touched);
      }
    }
    for (const session of touched) this.flush(session);
  }

  #mark(topic: Topic, touched: Set<Session>): void {
    topic.markedSeq = topic.source.seq;
    for (const watcher of topic.watchers) {
      if (watcher.sentSeq === topic.source.seq) continue;
      const session = this.#sessions.get(watcher)!;
      session.dirty.add(watcher);
      touched.add(session);
    }
  }

  #sendState(session: Session, watcher: Watcher): void {
    const { board, meters } = this.#options;
    const { topic, sentSeq } = watcher;
    if (!mayWatch(session, topic.channel)) {
      this.unwatch(session, topic.channel.name);
      return;
    }
    const reader = { codec: session.codec, prev: sentSeq };
    const frame = stateFrame(board, this.#frameClock, topic, reader);
    if (frame === undefined) return;
    watcher.sentSeq = topic.source.seq;
    if (sentSeq > 0) meters.conflated.add(watcher.sentSeq - sentSeq - 1);
    this.#send(session, watcher, frame);
  }

  #send(session: Session, watcher: Watcher, frame: Uint8Array): void {
    const { clock, meters } = this.#options;
    const nowMs = clock.now();
    watcher.sentAtMs = nowMs;
    meters.frames.add();
    meters.frameBytes.add(frame.length);
    sendFrame(session, frame, nowMs);
  }

  #guarded(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#options.fault(error);
    }
  }

  #topicOf(channel: StateChannel): Topic {
    const known = this.#topics.get(channel.name);
    if (known) return known;
    const source = this.#sourceOf(channel);
    const topic: Topic = {
      channel,
      source,
      watchers: new Set(),
      phase: this.#topics.size % TICKS_PER_SECOND,
      markedSeq: source.seq,
      encoded: new Map(),
    };
    source.topics.add(topic);
    this.#topics.set(channel.name, topic);
    return topic;
  }

  #sourceOf({ family, subject }: StateChannel): Source {
    const name = `${family}.${subject}`;
    const known = this.#sources.get(name);
    if (known) return known;
    const source: Source = { family, subject, seq: 0, turn: 0, topics: new Set() };
    this.#sources.set(name, source);
    return source;
  }
}
