/**
 * Names of channels, of two sorts: STATE is the newest figures, EVENT is everything that was done.
 *
 *      margin.{account}.{interval}       STATE
 *      regime.{underlying}.{interval}    STATE
 *      fills.{account}                   EVENT
 *      regime.changes                    EVENT
 *
 * The family is what stands before the first dot and the interval what stands after the last, so an
 * account may have dots in its name.
 */
import { RiskError, shown } from "../../core/errors.ts";
import { NAME_CHARACTERS_MAX } from "./limits.ts";

export const families = ["margin", "regime"] as const;
export type Family = (typeof families)[number];

/** Least distance between two frames of a STATE channel; `raw` is at most one per turn. */
export const intervals = { raw: 0, "100ms": 100, "1s": 1_000 } as const;
export type Interval = keyof typeof intervals;

/** Stands for every account that the key may read. */
export const EVERY = "*";
/** The one EVENT channel of regimes and terms. */
export const REGIME_CHANGES = "regime.changes";

export interface StateChannel {
  readonly name: string;
  readonly family: Family;
  /** The account or underlying; `*` for every account of the key. */
  readonly subject: string;
  readonly interval: Interval;
}

export interface EventChannel {
  readonly name: string;
  readonly family: "fills" | "changes";
  /** The account, `*` for every account of the key; nothing for changes. */
  readonly subject: string;
  /** Events wait for no interval. */
  readonly interval: "event";
}

export type Channel = StateChannel | EventChannel;

export const isEventChannel = (channel: Channel): channel is EventChannel =>
  channel.interval === "event";

/** What each account of a `*` is watched by. */
export const isOfAccount = ({ family }: Channel): boolean =>
  family === "margin" || family === "fills";

/** Forms of names, for refusals and documents. */
export const channelForms = [
  "margin.{account}.{raw|100ms|1s}",
  "regime.{underlying}.{raw|100ms|1s}",
  "fills.{account}",
  REGIME_CHANGES,
] as const;

export function channelName({ family, subject, interval }: Omit<Channel, "name">): string {
  if (family === "changes") return REGIME_CHANGES;
  return family === "fills" ? `fills.${subject}` : `${family}.${subject}.${interval}`;
}

/** The same channel of one account. */
export function ofAccount(channel: Channel, subject: string): Channel {
  return { ...channel, subject, name: channelName({ ...channel, subject }) };
}

/** @throws RiskError `unknown_channel` */
export function parseChannel(name: string, path: string): Channel {
  const channel = name.length <= NAME_CHARACTERS_MAX ? parsed(name) : undefined;
  if (channel !== undefined) return channel;
  const expected = channelForms.join(", ");
  throw new RiskError("unknown_channel", { path, expected, found: shown(name) });
}

function parsed(name: string): Channel | undefined {
  if (name === REGIME_CHANGES) {
    return { name, family: "changes", subject: "", interval: "event" };
  }
  const first = name.indexOf(".");
  const family = name.slice(0, first);
  if (family === "fills") {
    const subject = name.slice(first + 1);
    return subject === "" ? undefined : { name, family, subject, interval: "event" };
  }
  const last = name.lastIndexOf(".");
  const interval = name.slice(last + 1);
  const subject = name.slice(first + 1, last);
  const known =
    first > 0 &&
    last > first + 1 &&
    (families as readonly string[]).includes(family) &&
    Object.hasOwn(intervals, interval) &&
    !(subject === EVERY && family !== "margin");
  if (!known) return undefined;
  return { name, family: family as Family, subject, interval: interval as Interval };
}
