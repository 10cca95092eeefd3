/**
 * What the flags of `serve` say, checked before anything starts.
 */
import { RiskError, shown } from "../../core/errors.ts";
import { isLoopbackHost } from "../control/loopback.ts";
import type { Feed } from "../feed/feed.ts";
import { SPEED_MIN } from "../feed/pace.ts";
import { openReplay } from "../feed/replay.ts";
import type { Resume } from "../feed/resume.ts";
import { openSim } from "../feed/sim.ts";
import type { TransportChoice } from "../stream/transport.ts";
import type { FlagValues } from "./verb.ts";

const PORT = 8787;
const HOST = "127.0.0.1";
const DATA = "data";
/** A file of thirteen years passes in seven minutes. */
const SPEED_MAX = 1e6;
const SPEED = { sim: 60, replay: 7200 } as const;

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

const feeds = ["sim", "replay"] as const;
const transports = ["auto", "uws", "ws"] as const satisfies readonly TransportChoice[];

const feedKind = (flags: FlagValues) => oneOf("--feed", flags.text("feed") ?? "sim", feeds);

/** Opens the feed that the flags name, from its start or going on from where a run ended. */
export type OpenFeed = (resume?: Resume) => Promise<Feed>;

/** @throws RiskError when flags contradict each other */
export function feedOpener(flags: FlagValues): OpenFeed {
  return feedKind(flags) === "sim" ? simOpener(flags) : replayOpener(flags);
}

function simOpener(flags: FlagValues): OpenFeed {
  for (const name of ["file", "from", "to"] as const) {
    if (flags.text(name) !== undefined) {
      throw outOfBounds(`--${name}`, "--feed replay beside it", "--feed sim");
    }
  }
  const seed = flags.number("seed");
  const options = seed === undefined ? {} : { seed };
  return async (resume) => openSim(resume === undefined ? options : { ...options, resume });
}

function replayOpener(flags: FlagValues): OpenFeed {
  if (flags.number("seed") !== undefined) {
    throw outOfBounds("--seed", "--feed sim beside it", "--feed replay");
  }
  const file = flags.text("file");
  if (file === undefined) {
    throw new RiskError("missing_field", { path: "--file", expected: "a price file to replay" });
  }
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

function oneOf<const T extends readonly string[]>(path: string, found: string, all: T): T[number] {
  if (all.includes(found)) return found;
  throw new RiskError("unknown_value", { path, expected: all.join(" | "), found: shown(found) });
}

function outOfBounds(path: string, expected: string, found: string): RiskError {
  return new RiskError("out_of_bounds", { path, expected, found: shown(found) });
}
