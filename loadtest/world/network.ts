/**
 * The simulated network: an in-memory transport for the real stream, and lines to it.
 *
 *      client ── send ──► delay ──► events.message      the real sessions, dispatch and codecs
 *             ◄─ frame ── delay ◄── socket.send         fan-out, corks, pings
 *
 * A line keeps the order of its frames. It may be slow, stall (nothing arrives, everything is
 * taken) and be cut, and then the server may notice much later than the client. Below a frame
 * nothing is simulated: how bytes are sliced into frames is the library's and is tested against it.
 */
import type {
  Listener,
  ListenOptions,
  Socket,
  SocketEvents,
  Transport,
} from "../../gateway/stream/socket.ts";
import type { Dice } from "./dice.ts";
import type { Life } from "./life.ts";
import { type Lane, newLane, type Timeline } from "./timeline.ts";

export interface NetworkFaults {
  /** Longest delay of a frame, ms. */
  delayMs: number;
  /** Chance that a frame cuts its line. */
  cuts: number;
  /** Chance that a frame stalls its line, and for how long at most. */
  stalls: number;
  stallMs: number;
}

export const calmNetwork = (): NetworkFaults => ({ delayMs: 2, cuts: 0, stalls: 0, stallMs: 0 });

/** What a line tells the client. `closed` comes once, and last. */
export interface LineEvents {
  opened(): void;
  frame(text: string): void;
  closed(code: number): void;
}

/** The client's end of a line. */
export interface Line {
  send(text: string): void;
  /** Cuts it. */
  cut(): void;
}

/** The code of a line that ended without a word. */
const CUT = 1006;
/** How much later than the client the server may notice a cut, ms. */
const UNNOTICED_MS = 5_000;

interface Port {
  readonly options: ListenOptions;
  readonly life: Life;
}

export interface NetworkOptions {
  readonly timeline: Timeline;
  readonly dice: Dice;
  readonly faults: NetworkFaults;
  /** Bytes that a line has taken and not delivered: to be held against the limit. */
  readonly onUndelivered: (bytes: number) => void;
}

export class Network {
  readonly #options: NetworkOptions;
  readonly #wires = new Set<Wire>();
  #port: Port | undefined;

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  /** The transport that a process listens by. */
  transport(life: Life): Transport {
    return {
      name: "ws",
      listen: (options) => {
        this.#port = { options, life };
        return Promise.resolve(this.#listener(this.#port));
      },
    };
  }

  #listener(port: Port): Listener {
    const stop = () => {
      if (this.#port === port) this.#port = undefined;
    };
    return { port: 8787, stopAccepting: stop, close: () => Promise.resolve(stop()) };
  }

  /** Opens a line to whoever listens. */
  dial(events: LineEvents): Line {
    const wire: Wire = new Wire(this.#options, () => this.#port, {
      ...events,
      closed: (code) => {
        this.#wires.delete(wire);
        events.closed(code);
      },
    });
    this.#wires.add(wire);
    return wire;
  }

  /** The process that had the lines is gone. */
  dropAll(): void {
    this.#port = undefined;
    for (const wire of [...this.#wires]) wire.drop();
  }
}

class Wire implements Line {
  readonly #options: NetworkOptions;
  readonly #events: LineEvents;
  readonly #toServer: Lane = newLane();
  readonly #toClient: Lane = newLane();
  #port: Port | undefined;
  #server: SocketEvents | undefined;
  #serverOpen = false;
  #clientOpen = true;
  #stalledUntil = 0;
  #undelivered = 0;
  #corked: (() => void)[] | undefined;

  constructor(options: NetworkOptions, port: () => Port | undefined, events: LineEvents) {
    this.#options = options;
    this.#events = events;
    this.#later(this.#toServer, () => this.#arrive(port()));
  }

  send(text: string): void {
    if (!this.#clientOpen || this.#cutByChance()) return;
    this.#later(this.#toServer, () => this.#enter((server) => server.message(text)));
  }

  cut(): void {
    if (!this.#clientOpen) return;
    const { timeline, dice } = this.#options;
    this.#clientClosed(CUT);
    const noticedMs = dice.yes(0.5) ? dice.below(UNNOTICED_MS) : 0;
    timeline.at(timeline.now() + noticedMs, () => this.#serverClosed(CUT), this.#toServer);
  }

  /** The other end is gone; the client hears of it. */
  drop(): void {
    if (this.#port === undefined) return;
    this.#serverOpen = false;
    this.#later(this.#toClient, () => this.#clientClosed(CUT));
  }

  #arrive(port: Port | undefined): void {
    if (port === undefined || !port.life.alive) {
      this.#clientClosed(CUT);
      return;
    }
    this.#port = port;
    port.life.enter(() => {
      const headers = { host: "127.0.0.1:8787" };
      const upgrade = { path: "/ws", query: "", headers, remoteAddress: "127.0.0.1", offered: [] };
      if (!port.options.admit(upgrade).taken) {
        this.#later(this.#toClient, () => this.#clientClosed(CUT));
        return;
      }
      this.#serverOpen = true;
      this.#server = port.options.opened(this.#socket());
      this.#later(this.#toClient, () => this.#clientOpen && this.#events.opened());
    });
  }

  #socket(): Socket {
    const wire = this;
    return {
      subprotocol: undefined,
      remoteAddress: "127.0.0.1",
      origin: undefined,
      host: "127.0.0.1:8787",
      bufferedBytes: 0,
      get open() {
        return wire.#serverOpen;
      },
      send: (frame) => this.#sendDown(frame),
      ping: (nonce) => this.#down(0, () => this.#pong(nonce)),
      cork: (write) => this.#cork(write),
      close: (code) => this.#closeByServer(code),
      terminate: () => this.#closeByServer(CUT),
    };
  }

  #sendDown(frame: string | Uint8Array): void {
    const text = typeof frame === "string" ? frame : Buffer.from(frame).toString("utf8");
    this.#down(text.length, () => this.#events.frame(text));
  }

  #cork(write: () => void): void {
    const corked: (() => void)[] = [];
    this.#corked = corked;
    try {
      write();
    } finally {
      this.#corked = undefined;
    }
    if (corked.length === 0 || !this.#clientOpen) return;
    this.#later(this.#toClient, () => {
      for (const deliver of corked) deliver();
    });
  }

  /** Something of `bytes` on its way to the client. */
  #down(bytes: number, arrive: () => void): void {
    if (!this.#serverOpen || !this.#port!.life.alive) return;
    this.#undelivered += bytes;
    this.#options.onUndelivered(this.#undelivered);
    const deliver = () => {
      this.#undelivered -= bytes;
      if (this.#clientOpen) arrive();
    };
    if (this.#corked !== undefined) this.#corked.push(deliver);
    else if (this.#clientOpen && !this.#cutByChance()) this.#later(this.#toClient, deliver);
  }

  #pong(nonce: Uint8Array): void {
    this.#later(this.#toServer, () => this.#enter((server) => server.pong(nonce)));
  }

  #closeByServer(code: number): void {
    if (!this.#serverOpen) return;
    this.#serverOpen = false;
    this.#later(this.#toClient, () => this.#clientClosed(code));
    this.#later(this.#toServer, () => this.#port!.life.enter(() => this.#server?.close(code)));
  }

  /** The process is gone: its lines end. */
  #enter(act: (server: SocketEvents) => void): void {
    const port = this.#port;
    if (port === undefined || !this.#serverOpen) return;
    if (port.life.alive) port.life.enter(() => this.#serverOpen && act(this.#server!));
    else this.#clientClosed(CUT);
  }

  #serverClosed(code: number): void {
    if (!this.#serverOpen) return;
    this.#serverOpen = false;
    this.#port!.life.enter(() => this.#server!.close(code));
  }

  #clientClosed(code: number): void {
    if (!this.#clientOpen) return;
    this.#clientOpen = false;
    this.#events.closed(code);
  }

  #cutByChance(): boolean {
    const { dice, faults, timeline } = this.#options;
    if (faults.stalls > 0 && dice.yes(faults.stalls)) {
      this.#stalledUntil = timeline.now() + dice.below(faults.stallMs);
    }
    const cuts = faults.cuts > 0 && dice.yes(faults.cuts);
    if (cuts) this.cut();
    return cuts;
  }

  #later(lane: Lane, act: () => void): void {
    const { timeline, dice, faults } = this.#options;
    const delayMs = dice.between(0.05, faults.delayMs);
    timeline.at(Math.max(this.#stalledUntil, timeline.now() + delayMs), act, lane);
  }
}
