/**
 * `slidewire serve`: the gateway with a market, its accounts and its page, until it is told to
 * stop.
 *
 * Whatever can be refused is refused before anything starts: flags, terms, the price file, the
 * port.
 */
import { randomBytes } from "node:crypto";
import { accessSync, constants, mkdirSync } from "node:fs";
import { join } from "node:path";
import { loadTerms, termsHash } from "../../config/terms.ts";
import { RiskError, shown } from "../../core/errors.ts";
import { systemClock } from "../clock.ts";
import { DEMO_KEYS_FILE, openDemoKeys } from "../control/demo-keys.ts";
import { type Keys, keysOf } from "../control/keys.ts";
import { isLoopbackHost } from "../control/loopback.ts";
import { demoCommands, isMarked } from "../demo/accounts.ts";
import type { Feed, FeedEvent } from "../feed/feed.ts";
import { feedMeters } from "../feed/meters.ts";
import { play, SPEED_MIN } from "../feed/pace.ts";
import { openReplay } from "../feed/replay.ts";
import { type Silence, watchSilence } from "../feed/silence.ts";
import { openSim } from "../feed/sim.ts";
import { type Flow, openFlow } from "../flow.ts";
import { memoryList } from "../journal/list.ts";
import { liveBoard } from "../live-board.ts";
import { readPages } from "../pages.ts";
import { openStream, type Stream } from "../stream/serve.ts";
import type { TransportChoice } from "../stream/transport.ts";
import { version } from "../version.ts";
import type { FlagValues, Verb } from "./verb.ts";

const PORT = 8787;
const HOST = "127.0.0.1";
const DATA = "data";
/** A file of thirteen years passes in seven minutes. */
const SPEED_MAX = 1e6;
const SPEED = { sim: 60, replay: 7200 } as const;

export const serveVerb: Verb = {
  name: "serve",
  usage: "",
  summary: "run the gateway: a simulated or replayed market, demo accounts, stream and page",
  flags: [
    "port",
    "host",
    "data",
    "feed",
    "file",
    "from",
    "to",
    "speed",
    "seed",
    "terms",
    "transport",
    "ready-json",
    "json",
  ],
  positionals: [0, 0],
  example: "slidewire serve --feed replay --file btc.csv.gz --from 2020-03-01 --speed 7200",
  run: serve,
};

async function serve(flags: FlagValues): Promise<number> {
  const options = readOptions(flags);
  const terms = loadTerms(options.terms, { from: process.cwd() });
  const feed = await openFeed(flags);
  const flow = openFlow({
    listing: feed.listing,
    barMs: feed.barMs,
    terms,
    termsHash: termsHash(terms),
    lineage: randomBytes(16).toString("hex"),
    list: memoryList(),
    startMs: feed.startMs,
  });
  await flow.warm(feed.warm());
  const keysFile = join(options.data, DEMO_KEYS_FILE);
  let keys: Keys = keysOf([]);
  const stream = await openStream({
    board: liveBoard(flow, feed.barMs),
    // Nothing is written before the port is ours.
    keys: { find: (id) => keys.find(id), refresh: () => keys.refresh() },
    transport: options.transport,
    host: options.host,
    port: options.port,
    boot: randomBytes(16).toString("hex"),
    version,
    pages: readPages(),
    onFault: (error) => process.stderr.write(`slidewire: fault: ${String(error)}\n`),
  });
  try {
    makeFolder(options.data);
    keys = openDemoKeys(keysFile);
    const sink = demonstrated(flow, ready(flags, stream, keysFile));
    const { speed } = options;
    const silence = watchSilence({ sink, idle: (at) => flow.idle(at), speed, clock: systemClock });
    await playUntilStopped(feed, silence, speed, stream);
  } finally {
    await stream.close();
  }
  return 0;
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw new RiskError("unreadable_file", {
      path: "--data",
      expected: "a data folder that can be written",
      found: `${path}: ${(error as NodeJS.ErrnoException).code}`,
    });
  }
}

async function playUntilStopped(
  feed: Feed,
  silence: Silence,
  speed: number,
  { metrics }: Stream,
): Promise<void> {
  const stopped = untilStopped();
  const playing = play(feed.events(), silence.sink, { speed });
  feedMeters(metrics, playing, speed);
  const ended = playing.done.then(() => {
    silence.stop();
    if (stopped.asked()) return;
    process.stderr.write("slidewire: the replay has ended; its last figures stay\n");
  });
  ended.catch(stopped.fail);
  try {
    await stopped.promise;
  } finally {
    silence.stop();
    playing.stop();
    await ended;
  }
}

/**
 * Folds events; as soon as every instrument is marked, opens the demo accounts and says so once.
 */
function demonstrated(flow: Flow, ready: () => void): (event: FeedEvent) => void {
  let opened = false;
  return (event) => {
    flow.accept(event);
    if (opened || !isMarked(flow.engine.state)) return;
    opened = true;
    for (const command of demoCommands(flow.engine.state)) flow.submit(command);
    flow.drain();
    ready();
  };
}

function ready(flags: FlagValues, stream: Stream, demoKeys: string): () => void {
  return () => {
    const { url, port, transport, passedOver } = stream;
    if (flags.has("ready-json")) {
      const nodeVersion = process.versions.node;
      process.stdout.write(
        `${JSON.stringify({ event: "ready", url, port, transport, nodeVersion, demoKeys })}\n`,
      );
      return;
    }
    const why = passedOver === undefined ? "" : ` (${passedOver})`;
    process.stdout.write(
      [
        `Slidewire ${version} is live: open ${url}`,
        `  stream     ${url.replace("http", "ws")}/ws over ${transport}${why}`,
        `  demo keys  ${demoKeys} (this machine only)`,
        `  try        npx --no slidewire watch perp-1 --url ${url.replace("http", "ws")}/ws`,
        "  stop       Ctrl-C",
        "",
      ].join("\n"),
    );
  };
}

interface ServeOptions {
  readonly port: number;
  readonly host: string;
  readonly data: string;
  readonly terms: string;
  readonly transport: TransportChoice;
  readonly speed: number;
}

function readOptions(flags: FlagValues): ServeOptions {
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

async function openFeed(flags: FlagValues): Promise<Feed> {
  const file = flags.text("file");
  if (feedKind(flags) === "sim") {
    for (const name of ["file", "from", "to"] as const) {
      if (flags.text(name) !== undefined) {
        throw outOfBounds(`--${name}`, "--feed replay beside it", "--feed sim");
      }
    }
    const seed = flags.number("seed");
    return openSim(seed === undefined ? {} : { seed });
  }
  if (flags.number("seed") !== undefined) {
    throw outOfBounds("--seed", "--feed sim beside it", "--feed replay");
  }
  if (file === undefined) {
    throw new RiskError("missing_field", { path: "--file", expected: "a price file to replay" });
  }
  const from = flags.text("from");
  const to = flags.text("to");
  return openReplay({
    file,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  });
}

function oneOf<const T extends readonly string[]>(path: string, found: string, all: T): T[number] {
  if (all.includes(found)) return found;
  throw new RiskError("unknown_value", { path, expected: all.join(" | "), found: shown(found) });
}

function outOfBounds(path: string, expected: string, found: string): RiskError {
  return new RiskError("out_of_bounds", { path, expected, found: shown(found) });
}

/** Settles on SIGINT or SIGTERM; a second signal ends the process at once. */
function untilStopped() {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let asked = false;
  const stop = () => {
    asked = true;
    process.once("SIGINT", () => process.exit(1));
    process.once("SIGTERM", () => process.exit(1));
    resolve();
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  return { promise, fail: reject as (error: unknown) => void, asked: () => asked };
}
