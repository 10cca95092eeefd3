/**
 * Keeps a process from ending in the middle of a write of its other thread.
 *
 * When a process ends by itself, Node stops its threads wherever they are and closes their
 * databases, and SQLite then takes a checkpoint that no page checksum was said of. So a write
 * passes a gate; an ending process closes it and waits until nobody is inside. What ends a process
 * from outside closes nothing, and needs no gate.
 */
const STOPPED = 0;
const INSIDE = 1;
/** Longer than a write and its checkpoint take, on a slow disk. */
const WAIT_MS = 10_000;

export const newGate = (): SharedArrayBuffer => new SharedArrayBuffer(8);

/** Runs `act` inside the gate; not at all when the process is ending. */
export function passGate(gate: SharedArrayBuffer, act: () => void): void {
  const flags = new Int32Array(gate);
  Atomics.store(flags, INSIDE, 1);
  try {
    if (Atomics.load(flags, STOPPED) === 0) act();
  } finally {
    Atomics.store(flags, INSIDE, 0);
    Atomics.notify(flags, INSIDE);
  }
}

/** Has the end of this process wait for whoever is inside; the answer ends that. */
export function guardExit(gate: SharedArrayBuffer): () => void {
  const close = () => {
    const flags = new Int32Array(gate);
    Atomics.store(flags, STOPPED, 1);
    Atomics.wait(flags, INSIDE, 1, WAIT_MS);
  };
  process.once("exit", close);
  return () => void process.off("exit", close);
}
