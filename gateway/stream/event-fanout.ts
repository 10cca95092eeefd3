/**
 * EVENT channels: everything that is done reaches every reader once and in order, or the reader is
 * told that it does not.
 *
 *      bell ─► events of the Turn ─► tails of watched channels ─► readers, as their credit goes
 *                                         └─ full ─► who is behind is closed 4410, never skipped
 *
 * A reader that comes back says what it had, and gets what the fold state still keeps after it; or
 * a snapshot of all that is kept, and is told that something may be missing.
 */
import type { Board, BoardEvent } from "../board.ts";
import type { Clock } from "../clock.ts";
import type { EventChannel } from "../protocol/channels.ts";
import type { Members } from "../protocol/codec.ts";
import { closeCodes, type Limits } from "../protocol/limits.ts";
import { type Entry, EventTail, type EventWatcher } from "./event-tail.ts";
import type { StreamMeters } from "./meters.ts";
import { canTake, mayWatch, type Session, sendFrame } from "./session.ts";

export interface EventFanoutOptions {
  readonly board: Board;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly meters: StreamMeters;
}

/** Where a reader of an EVENT channel was. */
export interface Since {
  readonly epoch: string;
  readonly seq: number;
}

export interface EventStatus {
  readonly added: boolean;
  readonly epoch: string;
  /** Number of the channel's newest event; 0 while there is none. */
  readonly seq: number;
  /** Whether everything since then follows; undefined: nobody asked, or it was there already. */
  readonly recovered: boolean | undefined;
}

export class EventFanout {
  readonly #options: EventFanoutOptions;
  readonly #tails = new Map<string, EventTail>();
  /** Tails with events that were not there when they were trimmed last. */
  readonly #grown = new Set<EventTail>();
  #watcherCount = 0;

  constructor(options: EventFanoutOptions) {
    this.#options = options;
  }

  get watcherCount(): number {
    return this.#watcherCount;
  }

  /**
   * Adds the channel: what was missed `since`, or else a snapshot, follows with the next flush.
   */
  watch(session: Session, channel: EventChannel, since?: Since): EventStatus {
    const { board, clock } = this.#options;
    const { lineage: epoch } = board;
    const kept = board.events(channel.name);
    const seq = kept.at(-1)?.seq ?? 0;
    if (session.eventWatchers.has(channel.name)) {
      return { added: false, epoch, seq, recovered: undefined };
    }
    const recovered = since?.epoch === epoch && covers(kept, since.seq);
    const tail = this.#tailOf(channel);
    const watcher: EventWatcher = {
      ...{ tail, session, sentSeq: seq, sentAtMs: clock.now() },
      start: recovered
        ? { kind: "missed", prev: since.seq, events: kept.filter((one) => one.seq > since.seq) }
        : { kind: "snapshot", events: kept },
    };
    tail.watchers.add(watcher);
    session.eventWatchers.set(channel.name, watcher);
    session.dirtyEvents.add(watcher);
    this.#watcherCount += 1;
    return { added: true, epoch, seq, recovered: since === undefined ? undefined : recovered };
  }

  /** False when the channel was not watched. */
  unwatch(session: Session, name: string): boolean {
    const watcher = session.eventWatchers.get(name);
    if (watcher === undefined) return false;
    const { tail } = watcher;
    session.eventWatchers.delete(name);
    session.dirtyEvents.delete(watcher);
    tail.watchers.delete(watcher);
    this.#watcherCount -= 1;
    if (tail.watchers.size === 0) {
      this.#tails.delete(name);
      this.#grown.delete(tail);
    }
    return true;
  }

  leave(session: Session): void {
    for (const name of [...session.eventWatchers.keys()]) this.unwatch(session, name);
  }

  /**
   * Takes the events of the Turn that the bell rings for; answers whose connections have something
   * to send.
   */
  take(): ReadonlySet<Session> {
    const touched = new Set<Session>();
    const grown = new Set<EventTail>();
    for (const event of this.#options.board.turnEvents()) {
      const tail = this.#tails.get(event.channel);
      if (tail === undefined) continue;
      tail.append(event);
      grown.add(tail);
    }
    for (const tail of grown) {
      this.#mark(tail, touched);
      this.#grown.add(tail);
    }
    return touched;
  }

  /** Those who could take what came have it: forgets what nobody waits for. */
  settle(): void {
    for (const tail of this.#grown) tail.trim();
    this.#grown.clear();
  }

  /** Sends what the connection's readers have not had, as far as its credit goes. */
  flush(session: Session): void {
    for (const watcher of session.dirtyEvents) {
      if (!mayWatch(session, watcher.tail.channel)) {
        this.unwatch(session, watcher.tail.channel.name);
        continue;
      }
      if (!this.#sendStart(watcher) || !this.#sendTail(watcher)) return;
      session.dirtyEvents.delete(watcher);
    }
  }

  /** Tells a reader that its silent channels are alive. */
  heartbeat(session: Session): void {
    const { board, clock, limits } = this.#options;
    const nowMs = clock.now();
    for (const watcher of session.eventWatchers.values()) {
      const silent = nowMs - watcher.sentAtMs >= limits.heartbeatMs;
      if (!silent || session.dirtyEvents.has(watcher) || !canTake(session, limits)) continue;
      const own = { type: "hb", prev: watcher.sentSeq } as const;
      const { sentSeq } = watcher;
      this.#send(watcher, own, this.#encoded(watcher, { seq: sentSeq, turn: board.turn() }));
    }
  }

  /** A tail that has grown too long is first sent on, and then cut. */
  #mark(tail: EventTail, touched: Set<Session>): void {
    const { bufferedBytes: bytes, eventsPerChannel: events } = this.#options.limits;
    for (const watcher of tail.watchers) {
      watcher.session.dirtyEvents.add(watcher);
      touched.add(watcher.session);
    }
    if (!tail.over({ bytes, events })) return;
    for (const { session } of tail.watchers) session.socket.cork(() => this.flush(session));
    for (const watcher of tail.cut({ bytes, events })) this.#giveUp(watcher);
  }

  #giveUp({ session, tail }: EventWatcher): void {
    this.unwatch(session, tail.channel.name);
    if (!session.socket.open) return;
    this.#options.meters.slowClosed.add();
    session.socket.close(closeCodes.slow, "events were waiting");
  }

  /** False when the credit is used up before everything is sent. */
  #sendStart(watcher: EventWatcher): boolean {
    const { board, limits } = this.#options;
    const { start, session } = watcher;
    if (start?.kind === "snapshot") {
      if (!canTake(session, limits)) return false;
      const events = start.events.map(({ seq, prev, turn, data }) => ({
        seq,
        prev,
        turn,
        ...data,
      }));
      const stamps = { seq: start.events.at(-1)?.seq ?? 0, turn: board.turn(), data: { events } };
      this.#send(watcher, { type: "snapshot", prev: 0 }, this.#encoded(watcher, stamps));
    }
    if (start?.kind === "missed") {
      for (const event of start.events) {
        if (!canTake(session, limits)) return false;
        this.#send(watcher, { type: "update", prev: start.prev }, this.#encoded(watcher, event));
        start.prev = event.seq;
        start.events = start.events.slice(1);
      }
    }
    watcher.start = undefined;
    return true;
  }

  #sendTail(watcher: EventWatcher): boolean {
    const { tail, session } = watcher;
    for (;;) {
      const entry = tail.after(watcher.sentSeq);
      if (entry === undefined) return true;
      if (!canTake(session, this.#options.limits)) return false;
      const own = { type: "update", prev: watcher.sentSeq } as const;
      this.#send(watcher, own, this.#shared(watcher, entry));
      watcher.sentSeq = entry.event.seq;
    }
  }

  /** The half of a frame that is the same for all of its readers, written once per codec. */
  #shared(watcher: EventWatcher, { event, encoded }: Entry): Members {
    const { codec } = watcher.session;
    const known = encoded.get(codec);
    if (known) return known;
    const made = this.#encoded(watcher, event);
    encoded.set(codec, made);
    return made;
  }

  #encoded(
    { session: { codec } }: EventWatcher,
    { seq, turn, data }: Pick<BoardEvent, "seq" | "turn"> & Partial<BoardEvent>,
  ): Members {
    const { board, clock } = this.#options;
    const stamps = { epoch: board.lineage, ts: Math.round(clock.now()), markTs: board.markAt() };
    const members = { seq, turn, ...stamps, ...(data === undefined ? {} : { data }) };
    return { bytes: codec.members(members), count: Object.keys(members).length };
  }

  #send(
    watcher: EventWatcher,
    { type, prev }: { readonly type: "snapshot" | "update" | "hb"; readonly prev: number },
    shared: Members,
  ): void {
    const { clock, meters } = this.#options;
    const { session, tail } = watcher;
    const own = { channel: tail.channel.name, type, prev, conflated: 0 };
    const frame = session.codec.notification(
      { bytes: session.codec.members(own), count: Object.keys(own).length },
      shared,
    );
    watcher.sentAtMs = clock.now();
    meters.frames.add();
    meters.frameBytes.add(frame.length);
    sendFrame(session, frame, watcher.sentAtMs);
  }

  #tailOf(channel: EventChannel): EventTail {
    const known = this.#tails.get(channel.name);
    if (known) return known;
    const tail = new EventTail(channel);
    this.#tails.set(channel.name, tail);
    return tail;
  }
}

/** Whether what is kept goes on from number `seq` without a gap. */
function covers(kept: readonly BoardEvent[], seq: number): boolean {
  return (kept[0]?.prev ?? 0) <= seq && seq <= (kept.at(-1)?.seq ?? 0);
}
