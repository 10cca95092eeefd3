/**
 * Time and later, as the stream asks for them: injected, so that a test decides when it is.
 */
export interface Clock {
  /** Wall clock, ms since the epoch; fractions allowed. */
  now(): number;
  /** Runs `act` once, after what is running now and what has arrived meanwhile. */
  soon(act: () => void): void;
  /** Runs `act` every `ms`; the answer stops it. */
  every(ms: number, act: () => void): () => void;
  /** Runs `act` once, `ms` from now; the answer stops it. */
  after(ms: number, act: () => void): () => void;
}

/** The machine's own. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  soon: (act) => void setImmediate(act),
  every(ms, act) {
    const timer = setInterval(act, ms);
    timer.unref();
    return () => clearInterval(timer);
  },
  after(ms, act) {
    const timer = setTimeout(act, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
