/**
 * Names of channels: `margin.{account}.{interval}` and `regime.{underlying}.{interval}`.
 *
 * The family is what stands before the first dot and the interval what stands after the last, so an
 * account may have dots in its name.
 */
import { RiskError, shown } from "../../core/errors.ts";
import { NAME_CHARACTERS_MAX } from "./limits.ts";

export const families = ["margin", "regime"] as const;
export type Family = (typeof families)[number];

/** Least distance between two frames of a channel; `raw` is at most one per turn. */
export const intervals = { raw: 0, "100ms": 100, "1s": 1_000 } as const;
export type Interval = keyof typeof intervals;

/** Stands for every account that the key may read. */
export const EVERY = "*";

export interface Channel {
  readonly name: string;
  readonly family: Family;
  /** The account or underlying; `*` for every account of the key. */
  readonly subject: string;
  readonly interval: Interval;
}

export function channelName({ family, subject, interval }: Omit<Channel, "name">): string {
  return `${family}.${subject}.${interval}`;
}

/** @throws RiskError `unknown_channel` */
export function parseChannel(name: string, path: string): Channel {
  const first = name.indexOf(".");
  const last = name.lastIndexOf(".");
  const family = name.slice(0, first);
  const interval = name.slice(last + 1);
  const subject = name.slice(first + 1, last);
  const known =
    first > 0 &&
    last > first + 1 &&
    name.length <= NAME_CHARACTERS_MAX &&
    (families as readonly string[]).includes(family) &&
    Object.hasOwn(intervals, interval) &&
    !(subject === EVERY && family !== "margin");
  if (!known) {
    const expected = "margin.{account}.{raw|100ms|1s} or regime.{underlying}.{raw|100ms|1s}";
    throw new RiskError("unknown_channel", { path, expected, found: shown(name) });
  }
  return { name, family: family as Family, subject, interval: interval as Interval };
}
