/**
 * One life of the gateway's process: nothing enters it after its end, and nothing leaves it.
 *
 *      world ─► enter(act) ─► process code ─► clock, mount, sockets ─► world
 *                  │ paused: waits              │ dead: nothing
 *
 * A crash drops the process where it stands. Code that is in the middle of something runs on to its
 * next pause, as nothing can stop it, but it has no clock, no disk and no line any more. A process
 * that is stopped for a while gets everything that came meanwhile afterwards, in its order.
 */
import type { Clock } from "../../gateway/clock.ts";
import { type Lane, newLane, type Timeline } from "./timeline.ts";

export interface LifeOptions {
  readonly timeline: Timeline;
  /** Told of whatever escapes from the process's code. */
  readonly onEscape: (error: unknown) => void;
}

export class Life {
  readonly #options: LifeOptions;
  readonly #soon: Lane = newLane();
  readonly #waiting: (() => void)[] = [];
  #pausedUntil = Number.NEGATIVE_INFINITY;
  /** How far its wall clock is ahead of the world's, ms. */
  #aheadMs = 0;
  alive = true;

  constructor(options: LifeOptions) {
    this.#options = options;
  }

  /** Runs code of the process, now or when it is no longer stopped. */
  enter(act: () => void): void {
    if (!this.alive) return;
    if (this.#pausedUntil > this.#options.timeline.now()) {
      this.#waiting.push(act);
      return;
    }
    try {
      act();
    } catch (error) {
      if (this.alive) this.#options.onEscape(error);
    }
  }

  /** Stops the process for `ms`. */
  pause(ms: number): void {
    const { timeline } = this.#options;
    this.#pausedUntil = timeline.now() + ms;
    timeline.at(this.#pausedUntil, () => {
      for (const act of this.#waiting.splice(0)) this.enter(act);
    });
  }

  /** Its wall clock jumps ahead, as one does that was set. */
  jump(ms: number): void {
    this.#aheadMs += ms;
  }

  end(): void {
    this.alive = false;
    this.#waiting.length = 0;
  }

  /** The process's clock. @param delayMs by which what is to be run soon is late */
  clock(delayMs: () => number = () => 0): Clock {
    const { timeline } = this.#options;
    const later = (ms: number, act: () => void, lane?: Lane) =>
      this.alive ? timeline.at(timeline.now() + ms, () => this.enter(act), lane) : () => undefined;
    return {
      now: () => timeline.now() + this.#aheadMs,
      soon: (act) => void later(delayMs(), act, this.#soon),
      after: (ms, act) => later(Math.max(0, ms) + delayMs(), act),
      every(ms, act) {
        let stop = () => {};
        const again = () => {
          stop = later(ms, () => {
            again();
            act();
          });
        };
        again();
        return () => stop();
      },
    };
  }
}
