/**
 * Which faults a seed turns on: a random subset, for bugs hide where faults meet and where they
 * don't.
 */
import type { Dice } from "./dice.ts";

/** Every fault, and the chance that a seed has it. */
const chances = {
  /** The process is killed; what it wrote stays. */
  kill: 0.5,
  /** The power goes: what was not synced is lost or torn. */
  powerLoss: 0.7,
  /** The power goes at a named fault point. */
  faultPoint: 0.6,
  diskFull: 0.4,
  /** Few Turns may wait for a disk that is full: the list gets gaps. */
  gaps: 0.3,
  readOnly: 0.3,
  failedSync: 0.4,
  slowDisk: 0.4,
  bitFlips: 0.4,
  slowNetwork: 0.5,
  cuts: 0.5,
  stalls: 0.4,
  pauses: 0.4,
  clockJumps: 0.3,
  nonsense: 0.4,
  silence: 0.3,
  jumps: 0.4,
  snapshots: 0.8,
} as const;
export type Fault = keyof typeof chances;

export function swarm(dice: Dice): ReadonlySet<Fault> {
  const all = Object.entries(chances) as [Fault, number][];
  return new Set(all.filter(([, chance]) => dice.yes(chance)).map(([fault]) => fault));
}
