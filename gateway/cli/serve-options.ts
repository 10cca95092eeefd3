/**
 * What the flags of `serve` say, checked before anything starts.
 */
import { RiskError, shown } from "../../core/errors.ts";
import { systemClock } from "../clock.ts";
import { isLoopbackHost } from "../control/loopback.ts";
import type { Feed } from "../feed/feed.ts";
import { SPEED_MIN } from "../feed/pace.ts";
import { openPush } from "../feed/push.ts";
import { openReplay } from "../feed/replay.ts";
import type { Resume } from "../feed/resume.ts";
import { openSim } from "../feed/sim.ts";
import { openWarm, readWarmFlag, withHistory } from "../feed/warm.ts";
import type { TransportChoice } from "../stream/transport.ts";
import type { FlagName, FlagValues } from "./verb.ts";

const PORT = 8787;
const HOST = "127.0.0.1";
const DATA = "data";
/** A file of thirteen years passes in seven minutes. */
const SPEED_MAX = 1e6;
const SPEED = { sim: 60, replay: 7200, push: 1 } as const;

export interface ServeOptions {
  readonly port: number;
  readonly host: string;
  readonly data: string;
  readonly terms: string;
  readonly transport: TransportChoice;
  readonly speed: number;
}

/** @throws RiskError naming the flag */
export function readOptions(flags: FlagValues): ServeOptions {
  const kind = feedKind(flags);
  const options = {
    port: flags.number("port") ?? PORT,
    host: flags.text("host") ?? HOST,
    data: flags.text("data") ?? DATA,
    terms: flags.text("terms") ?? "slidewire",
    transport: oneOf("--transport", flags.text("transport") ?? "auto", transports),
    speed: flags.number("speed") ?? SPEED[kind],
  };
  if (!(options.speed >= SPEED_MIN)) {
    throw outOfBounds("--speed", `at least ${SPEED_MIN}`, String(options.speed));
  }
  if (options.speed > SPEED_MAX && Number.isFinite(options.speed)) {
    throw outOfBounds("--speed", `at most ${SPEED_MAX}, or Infinity`, String(options.speed));
  }
  if (!Number.isInteger(options.port) || options.port < 0 || options.port > 65_535) {
    throw outOfBounds("--port", "a port from 0 to 65535", String(options.port));
  }
  if (!isLoopbackHost(options.host)) {
    throw outOfBounds("--host", "a loopback address: the demo keys are public there", options.host);
  }
  return options;
}

const feeds = ["sim", "replay", "push"] as const;
const transports = ["auto", "uws", "ws"] as const satisfies readonly TransportChoice[];

const feedKind = (flags: FlagValues) => oneOf("--feed", flags.text("feed") ?? "sim", feeds);

/** Opens the feed that the flags name, from its start or going on from where a run ended. */
export type OpenFeed = (resume?: Resume) => Promise<Feed>;

/**
 * The feed from its start, its regime warmed by the file of `--warm` where one is given.
 *
 * @throws RiskError what is wrong with either file
 */
export async function freshFeed(openFeed: OpenFeed, flags: FlagValues): Promise<Feed> {
  const feed = await openFeed();
  const text = flags.text("warm");
  if (text === undefined) return feed;
  const { underlying, file } = readWarmFlag(text, feed);
  const { barMs, startMs, startIndex } = feed;
  const startPrice = feed.name === "sim" ? startIndex.get(underlying) : undefined;
  const history = await openWarm({
    ...{ file, underlying, barMs, startMs },
    ...(startPrice === undefined ? {} : { startPrice }),
  });
  return { ...feed, warm: () => withHistory(feed.warm(), history) };
}

/** @throws RiskError when flags contradict each other */
export function feedOpener(flags: FlagValues): OpenFeed {
  return openers[feedKind(flags)](flags);
}

const openers = { sim: simOpener, replay: replayOpener, push: pushOpener };

function simOpener(flags: FlagValues): OpenFeed {
  refuseBeside(flags, "sim", ["file", "from", "to"]);
  const seed = flags.number("seed");
  const options = seed === undefined ? {} : { seed };
  return async (resume) => openSim(resume === undefined ? options : { ...options, resume });
}

function replayOpener(flags: FlagValues): OpenFeed {
  refuseBeside(flags, "replay", ["seed"]);
  const file = requiredFile(flags, "a price file to replay");
  const from = flags.text("from");
  const to = flags.text("to");
  return (resume) =>
    openReplay({
      file,
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(resume === undefined ? {} : { resume }),
    });
}

function pushOpener(flags: FlagValues): OpenFeed {
  refuseBeside(flags, "push", ["seed", "from", "to", "speed"]);
  const file = requiredFile(flags, "a listing or book document, to say what is listed");
  return async (resume) =>
    openPush({ file, clock: systemClock, ...(resume === undefined ? {} : { resume }) });
}

/** @throws RiskError out_of_bounds for a flag that another feed takes */
function refuseBeside(flags: FlagValues, feed: string, names: readonly FlagName[]): void {
  for (const name of names) {
    if (flags.text(name) === undefined) continue;
    throw outOfBounds(`--${name}`, "a feed that takes it", `--feed ${feed}`);
  }
}

function requiredFile(flags: FlagValues, expected: string): string {
  const file = flags.text("file");
  if (file !== undefined) return file;
  throw new RiskError("missing_field", { path: "--file", expected });
}

function oneOf<const T extends readonly string[]>(path: string, found: string, all: T): T[number] {
  if (all.includes(found)) return found;
  throw new RiskError("unknown_value", { path, expected: all.join(" | "), found: shown(found) });
}

function outOfBounds(path: string, expected: string, found: string): RiskError {
  return new RiskError("out_of_bounds", { path, expected, found: shown(found) });
}
