/**
 * `slidewire serve`: the gateway with a market, its accounts and its page, until it is told to
 * stop.
 *
 * Whatever can be refused without touching the data folder is refused before anything is written:
 * flags, terms, the price file, the port. The port answers while the journal is being recovered.
 */
import { randomBytes } from "node:crypto";
import { accessSync, constants, mkdirSync } from "node:fs";
import { join } from "node:path";
import { loadTerms, termsHash } from "../../config/terms.ts";
import { RiskError } from "../../core/errors.ts";
import { systemClock } from "../clock.ts";
import { DEMO_KEYS_FILE, openDemoKeys } from "../control/demo-keys.ts";
import { openKeyFile } from "../control/key-file.ts";
import { joinKeys, KEYS_FILE, type Keys, keysOf } from "../control/keys.ts";
import { PREVIEW_FOLDER, SNAPSHOT_FOLDER, setAside } from "../data-folder.ts";
import { deferredBoard } from "../deferred-board.ts";
import { deferredDoors } from "../deferred-doors.ts";
import { demoCommands, isMarked } from "../demo/accounts.ts";
import type { FeedEvent } from "../feed/feed.ts";
import { guardMeters } from "../feed/guard/meters.ts";
import { feedMeters } from "../feed/meters.ts";
import { play } from "../feed/pace.ts";
import { resumeOf } from "../feed/resume.ts";
import { watchSilence } from "../feed/silence.ts";
import type { Flow } from "../flow.ts";
import { type Gateway, type GatewayOptions, openGateway } from "../gateway.ts";
import { openFolder } from "../journal/folder.ts";
import { openJournal } from "../journal/journal.ts";
import { journalMeters } from "../journal/meters.ts";
import { openSnapshots } from "../journal/snapshots.ts";
import type { Metrics } from "../observe.ts";
import { readPages } from "../pages.ts";
import { recheckInBackground } from "../recheck-child.ts";
import { openStream, type Stream } from "../stream/serve.ts";
import { version } from "../version.ts";
import { feedOpener, freshFeed, readOptions } from "./serve-options.ts";
import type { FlagValues, Verb } from "./verb.ts";

export const serveVerb: Verb = {
  name: "serve",
  usage: "",
  summary: "run the gateway: a simulated, replayed or pushed market, its journal, stream and page",
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
    "warm",
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
  const openFeed = feedOpener(flags);
  const fresh = await freshFeed(openFeed, flags);
  const stopped = untilStopped();
  const board = deferredBoard();
  const doors = deferredDoors(board);
  let keys: Keys = keysOf([]);
  const stream = await openStream({
    board,
    // Nothing is written before the port is ours.
    keys: { find: (id) => keys.find(id), refresh: () => keys.refresh() },
    transport: options.transport,
    host: options.host,
    port: options.port,
    boot: randomBytes(16).toString("hex"),
    version,
    pages: readPages(),
    extraMethods: doors.methods,
    recordings: doors.recordings,
    onFault: (error) => process.stderr.write(`slidewire: fault: ${String(error)}\n`),
  });
  const close = once(() => stream.close());
  try {
    makeFolder(options.data);
    const demoKeys = join(options.data, DEMO_KEYS_FILE);
    const keyFile = openKeyFile(join(options.data, KEYS_FILE), { loopbackOnly: false });
    keys = joinKeys([openDemoKeys(demoKeys), keyFile]);
    const gateway = await openOn(options.data, stream.metrics, {
      ...{ terms, termsHash: termsHash(terms), clock: systemClock, onFault: stopped.fail },
      async feed(from) {
        const resume = from && resumeOf(from.state);
        return resume === undefined ? fresh : openFeed(resume);
      },
      history: fresh,
    });
    const onRecord = gateway.record.join;
    const recheck =
      gateway.recovery &&
      recheckInBackground(options.data, { onFault: accused(options.data, stopped), onRecord });
    sayPassedOver(gateway);
    let trusted = false;
    try {
      doors.open(gateway, openFolder(join(options.data, PREVIEW_FOLDER)));
      board.become(gateway.board);
      const { speed } = options;
      const { metrics } = stream;
      const say = ready(flags, stream, demoKeys);
      await playUntilStopped(gateway, { speed, metrics, stopped, ready: say });
      // Nobody is told figures any more that a last snapshot would lack.
      await close();
      trusted = true;
    } finally {
      await recheck?.stop();
      await (trusted ? gateway.close() : gateway.abandon());
    }
  } finally {
    await close();
  }
  return 0;
}

type Behind = Omit<GatewayOptions, "journal" | "snapshots">;

/** The gateway over the data folder; closing it closes the journal. */
async function openOn(data: string, metrics: Metrics, behind: Behind): Promise<Gateway> {
  const journal = await openJournal(data);
  journalMeters(metrics, journal);
  journal.onState(({ state, found }) => {
    process.stderr.write(`slidewire: the journal is ${state}${found ? `: ${found}` : ""}\n`);
  });
  try {
    const snapshots = openSnapshots(openFolder(join(data, SNAPSHOT_FOLDER)));
    const gateway = await openGateway({ ...behind, journal, snapshots });
    return {
      ...gateway,
      async close() {
        await gateway.close();
        await journal.close();
      },
      async abandon() {
        await gateway.abandon();
        await journal.close();
      },
    };
  } catch (error) {
    await journal.close();
    throw error;
  }
}

/** A snapshot that the list did not meet is put aside, and the gateway ends. */
function accused(data: string, { fail }: Stopped): (error: RiskError) => void {
  return (error) => {
    for (const name of setAside(data, error.message)) {
      process.stderr.write(`slidewire: put aside ${name}, as ${name}.wrong\n`);
    }
    fail(error);
  };
}

function sayPassedOver({ recovery }: Gateway): void {
  for (const error of recovery?.passedOver ?? []) {
    process.stderr.write(`slidewire: passed over a snapshot: ${error.message}\n`);
  }
}

/** The same act however often it is asked for. */
function once(act: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= act();
    return done;
  };
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw new RiskError("unreadable_file", {
      path: "--data",
      expected: "a data folder that can be written",
      found: `${path}: ${(error as NodeJS.ErrnoException).code}`,
    });
  }
}

interface Playing {
  readonly speed: number;
  readonly metrics: Metrics;
  readonly stopped: Stopped;
  readonly ready: () => void;
}

async function playUntilStopped(
  { feed, flow }: Gateway,
  { speed, metrics, stopped, ready }: Playing,
): Promise<void> {
  const sink = feed.name === "push" ? announced(flow, ready) : demonstrated(flow, ready);
  const silence = watchSilence({ sink, idle: (at) => flow.idle(at), speed, clock: systemClock });
  const playing = play(feed.events(), silence.sink, { speed });
  feedMeters(metrics, playing, speed);
  guardMeters(metrics, flow.guard);
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
 * Folds events; once every instrument is marked, opens the demo accounts where there are none, and
 * says that the gateway is ready.
 */
function demonstrated(flow: Flow, ready: () => void): (event: FeedEvent) => Promise<void> | void {
  let told = false;
  return (event) => {
    flow.accept(event);
    if (told || !isMarked(flow.engine.state)) return;
    told = true;
    return demonstrate(flow).then(ready);
  };
}

/** Folds events; a market whose marks are pushed is ready for them at once. */
function announced(flow: Flow, ready: () => void): (event: FeedEvent) => void {
  let told = false;
  return (event) => {
    flow.accept(event);
    if (!told) ready();
    told = true;
  };
}

async function demonstrate(flow: Flow): Promise<void> {
  const { state } = flow.engine;
  if (state.accounts.size > 0) return;
  await Promise.all(demoCommands(state).map((command) => flow.apply(command)));
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

interface Stopped {
  readonly promise: Promise<void>;
  readonly fail: (error: unknown) => void;
  asked(): boolean;
}

/** Settles on SIGINT or SIGTERM; a second signal ends the process at once. */
function untilStopped(): Stopped {
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
  // A fault may come before anybody waits.
  promise.catch(() => undefined);
  const fail = (error: unknown) => {
    asked = true;
    reject(error);
  };
  return { promise, fail, asked: () => asked };
}
