/**
 * Named fault points: where a process may be made to die, to see that nothing is lost.
 *
 *      SLIDEWIRE_FAULT=journal:before-commit@17 slidewire serve …
 *
 * ends the process, as `kill -9` would, when it passes that point for the 17th time (the first time
 * when no number is given). Unset, a point costs one comparison. A simulation sets a trap of its
 * own instead and decides at each passing.
 */
import { RiskError, shown } from "../../core/errors.ts";

/** The points, in the order in which a command and then a snapshot pass them. */
export const faultPoints = [
  "journal:before-commit",
  "journal:after-write",
  "journal:after-commit",
  "snapshot:before-write",
  "snapshot:after-write",
  "snapshot:before-rename",
  "snapshot:after-rename",
] as const;
export type FaultPoint = (typeof faultPoints)[number];

/** Environment variable that names a point and its passing. */
export const FAULT_VARIABLE = "SLIDEWIRE_FAULT";

type Trap = (point: FaultPoint) => void;

/** The first passing reads the environment; the command line looks before whether it is right. */
let trap: Trap | undefined = (point) => {
  trap = trapOf(process.env[FAULT_VARIABLE]);
  trap?.(point);
};

/** Says that the process is at `point`. @throws as `trapOf`, of what the environment says */
export function pass(point: FaultPoint): void {
  if (trap !== undefined) trap(point);
}

/** Tells `act` of every passing, in place of what the environment asked for; undefined: nobody. */
export function setTrap(act: Trap | undefined): void {
  trap = act;
}

/**
 * @param text `POINT` or `POINT@COUNT`, COUNT from 1 on
 * @throws RiskError unknown_value or out_of_bounds
 */
export function trapOf(text: string | undefined, die: () => void = dieNow): Trap | undefined {
  if (text === undefined || text === "") return undefined;
  const [name = "", count = "1"] = text.split("@");
  if (!(faultPoints as readonly string[]).includes(name)) {
    const expected = faultPoints.join(" | ");
    throw new RiskError("unknown_value", { path: FAULT_VARIABLE, expected, found: shown(name) });
  }
  if (!/^[1-9]\d{0,8}$/.test(count)) {
    const expected = "a passing from 1 on, POINT@COUNT";
    throw new RiskError("out_of_bounds", { path: FAULT_VARIABLE, expected, found: shown(count) });
  }
  let left = Number(count);
  return (point) => {
    if (point !== name) return;
    left -= 1;
    if (left === 0) die();
  };
}

/** No handler runs, no buffer is written: what is not on disk is gone. */
function dieNow(): void {
  process.kill(process.pid, "SIGKILL");
}
