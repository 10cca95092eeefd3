/** Time and later, for whoever paces or waits: injected, so that a test decides when it is. */
export interface Clock {
  /** Wall time, ms since the epoch, fractions allowed; it never runs backwards. */
  now(): number;
  /** Runs `act` once, after what is running now and what has arrived meanwhile. */
  soon(act: () => void): void;
  /** Runs `act` every `ms` while something else keeps the process; the answer stops it. */
  every(ms: number, act: () => void): () => void;
  /** Runs `act` once, `ms` from now, behind what has arrived even when 0; the answer stops it. */
  after(ms: number, act: () => void): () => void;
}

/** The machine's own, as it was set when the process began. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  soon: (act) => void setImmediate(act),
  every(ms, act) {
    const timer = setInterval(act, ms);
    timer.unref();
    return () => clearInterval(timer);
  },
  after(ms, act) {
    if (ms <= 0) {
      const soon = setImmediate(act);
      return () => clearImmediate(soon);
    }
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};
