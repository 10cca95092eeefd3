/**
 * All open connections: their opening, their ages, their stalls and their end.
 *
 * Twice a second everyone is looked at: who has not said who they are, whose key is gone, who no
 * longer reads, who has been here for a day. Each gets a close code that says which.
 */
import { randomInt } from "node:crypto";
import { RiskError } from "../../core/errors.ts";
import type { Clock } from "../clock.ts";
import type { Keys } from "../control/keys.ts";
import { closeCodes } from "../protocol/limits.ts";
import { isLoopbackVisitor } from "./admission.ts";
import type { Methods } from "./calls.ts";
import { type DispatchOptions, dispatch } from "./dispatch.ts";
import type { StreamMeters } from "./meters.ts";
import { openSession, type Session } from "./session.ts";
import type { Socket, SocketEvents } from "./socket.ts";
import { type SubscriptionOptions, watchNewAccounts } from "./subscriptions.ts";

export interface ConnectionOptions extends SubscriptionOptions {
  readonly methods: Methods;
  readonly clock: Clock;
  readonly meters: StreamMeters;
  readonly keys: Keys;
  fault(error: unknown): void;
}

/** What connections have to leave by themselves once they were told. */
const CLOSE_GRACE_MS = 3_000;
/** Ticks between two looks at everyone: half a second. */
const SWEEP_TICKS = 5;
const SALT_MAX = 2 ** 32;

export class Connections {
  readonly #options: ConnectionOptions;
  readonly #dispatch: DispatchOptions;
  readonly #sessions = new Set<Session>();
  readonly #byAddress = new Map<string, number>();
  #ticks = 0;
  #newestAccount = "";
  #serving = true;
  #emptied: (() => void) | undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#dispatch = { ...options, flush: (session) => options.fanout.flush(session) };
  }

  /** False from the moment of shutting down. */
  get serving(): boolean {
    return this.#serving;
  }

  /**
   * @throws RiskError `not_ready` while shutting down, `rate_limited` when the address has enough
   */
  requireRoom(remoteAddress: string): void {
    if (!this.#serving) throw new RiskError("not_ready", { expected: "a gateway that stays" });
    const most = this.#options.limits.connectionsPerAddress;
    if (this.#countOf(remoteAddress) < most) return;
    const expected = `at most ${most} connections from one address`;
    throw new RiskError("rate_limited", { expected, retryAfterMs: 1_000 });
  }

  opened(socket: Socket): SocketEvents {
    const { clock, fanout, limits, meters } = this.#options;
    const { remoteAddress, host } = socket;
    const session = openSession({
      socket,
      limits,
      nowMs: clock.now(),
      loopback: isLoopbackVisitor({ headers: { host }, remoteAddress }),
      salt: randomInt(SALT_MAX),
    });
    this.#sessions.add(session);
    this.#byAddress.set(remoteAddress, this.#countOf(remoteAddress) + 1);
    return {
      message: (frame) => dispatch(this.#dispatch, session, frame),
      pong(nonce) {
        const roundTripMs = session.credit.ponged(nonce, clock.now());
        if (roundTripMs === undefined) return;
        meters.roundTrip.observe(roundTripMs / 1_000);
        fanout.flush(session);
      },
      drain: () => fanout.flush(session),
      close: () => this.#closed(session),
    };
  }

  /** A tenth of a second is over. */
  tick(): void {
    const { fanout, keys, meters, fault } = this.#options;
    try {
      fanout.tick();
      this.#ticks += 1;
      if (this.#ticks % SWEEP_TICKS !== 0) return;
      const unreadable = keys.refresh();
      if (unreadable) fault(unreadable);
      this.#welcomeAccounts();
      for (const session of this.#sessions) this.#sweep(session);
      meters.connections.set(this.#sessions.size);
      meters.watchers.set(fanout.watcherCount);
    } catch (error) {
      fault(error);
    }
  }

  /** Tells everyone to go; resolves when they have, or after a grace. */
  async close(): Promise<void> {
    this.#serving = false;
    for (const { socket } of this.#sessions) socket.close(closeCodes.goingAway, "shutting down");
    if (this.#sessions.size === 0) return;
    await new Promise<void>((resolve) => {
      const stop = this.#options.clock.after(CLOSE_GRACE_MS, resolve);
      this.#emptied = () => {
        stop();
        resolve();
      };
    });
  }

  /** Shows new accounts to whoever asked for all; the list is walked only when it has changed. */
  #welcomeAccounts(): void {
    const accounts = this.#options.board.accounts();
    const newest = `${accounts.length} ${accounts.at(-1)}`;
    if (newest === this.#newestAccount) return;
    this.#newestAccount = newest;
    for (const session of this.#sessions) watchNewAccounts(this.#options, session);
  }

  #sweep(session: Session): void {
    if (!session.socket.open) return;
    const { clock, fanout } = this.#options;
    const nowMs = clock.now();
    const [code, reason] = this.#verdict(session, nowMs) ?? [];
    if (code !== undefined) {
      if (code === closeCodes.slow) this.#options.meters.slowClosed.add();
      session.socket.close(code, reason ?? "");
      return;
    }
    fanout.flush(session);
    fanout.heartbeat(session);
    this.#probe(session, nowMs);
  }

  /** Why the connection has to end; undefined when it may stay. */
  #verdict(session: Session, nowMs: number): readonly [code: number, reason: string] | undefined {
    const { auth, limits } = this.#options;
    const { caller, credit, socket, openedAtMs } = session;
    const ageMs = nowMs - openedAtMs;
    if (caller === undefined && ageMs > limits.authMs) {
      return [closeCodes.authTimeout, "no auth in time"];
    }
    if (caller !== undefined && !auth.stands(caller)) return [closeCodes.forbidden, "key revoked"];
    if (ageMs > limits.lifetimeMs) return [closeCodes.lifetime, "connect again"];
    const stalled = credit.stalledMs(nowMs) >= limits.stallMs;
    if (stalled || socket.bufferedBytes > limits.bufferedBytes) {
      return [closeCodes.slow, "not reading"];
    }
    return undefined;
  }

  #probe(session: Session, nowMs: number): void {
    if (nowMs - session.probedAtMs < this.#options.limits.heartbeatMs) return;
    session.probedAtMs = nowMs;
    const nonce = session.credit.probe(nowMs);
    if (nonce) session.socket.ping(nonce);
  }

  #closed(session: Session): void {
    const { remoteAddress } = session.socket;
    this.#options.fanout.leave(session);
    this.#sessions.delete(session);
    const left = this.#countOf(remoteAddress) - 1;
    if (left > 0) this.#byAddress.set(remoteAddress, left);
    else this.#byAddress.delete(remoteAddress);
    if (this.#sessions.size === 0) this.#emptied?.();
  }

  #countOf(remoteAddress: string): number {
    return this.#byAddress.get(remoteAddress) ?? 0;
  }
}
