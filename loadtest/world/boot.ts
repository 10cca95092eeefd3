/**
 * Starts the gateway on the world's disk, clock and network: the same lines as `serve`, other
 * edges.
 *
 *      disk ─► store ─► journal ─┐                       ┌─► stream ─► network
 *      disk ─► folder ─► snapshots ─► openGateway ─► board
 *      market ──────────────────┘
 */
import { loadTerms, termsHash } from "../../config/terms.ts";
import type { Clock } from "../../gateway/clock.ts";
import type { Keys } from "../../gateway/control/keys.ts";
import type { Feed } from "../../gateway/feed/feed.ts";
import { type Silence, watchSilence } from "../../gateway/feed/silence.ts";
import { type Gateway, openGateway } from "../../gateway/gateway.ts";
import type { Journal } from "../../gateway/journal/journal.ts";
import { journalOver } from "../../gateway/journal/journal-over.ts";
import { openSnapshots, type Snapshots } from "../../gateway/journal/snapshots.ts";
import type { Recovery } from "../../gateway/recover.ts";
import { openStream, type Stream } from "../../gateway/stream/serve.ts";
import type { Transport } from "../../gateway/stream/socket.ts";
import { writeMethods } from "../../gateway/stream/writes.ts";
import { submitMethod } from "./desk.ts";
import type { Files } from "./disk.ts";
import { simulatedFolder } from "./folder.ts";
import { BAR_MS, type SmallMarket } from "./market.ts";
import { openStore, type SimulatedStore } from "./store.ts";

export interface BootOptions {
  readonly files: Files;
  /** Of a new journal, 32 hex digits. */
  readonly lineage: string;
  readonly clock: Clock;
  /** The clock as the disk lets it run. */
  readonly diskClock: Clock;
  readonly transport: Transport;
  readonly keys: Keys;
  readonly market: SmallMarket;
  /** Bytes of Turns that wait for the disk before the oldest are dropped. */
  readonly turnsWaitingBytesMax: number;
  /** This start of the process. */
  readonly boot: string;
  /** Told what was recovered, before anything else happens. */
  readonly onRecovered: (recovery: Recovery | undefined, store: SimulatedStore) => void;
  readonly onFault: (error: unknown) => void;
}

/** A gateway that runs, and what the world may look at from outside. */
export interface Booted {
  readonly boot: string;
  readonly store: SimulatedStore;
  readonly journal: Journal;
  readonly snapshots: Snapshots;
  readonly gateway: Gateway;
  readonly stream: Stream;
  readonly silence: Silence;
}

const terms = loadTerms("slidewire");
const hash = termsHash(terms);

/** @throws RiskError whatever refuses the start */
export async function boot(options: BootOptions): Promise<Booted> {
  const { files, clock, market, onFault, turnsWaitingBytesMax } = options;
  const store = openStore(files, options.lineage);
  const journal = journalOver(store, { clock: options.diskClock, turnsWaitingBytesMax });
  const snapshots = openSnapshots(simulatedFolder(files), { clock });
  const gateway = await openGateway({
    journal,
    snapshots,
    terms,
    termsHash: hash,
    feed(recovery) {
      options.onRecovered(recovery, store);
      return feedOf(market);
    },
    clock,
    onFault,
  });
  const { flow, board } = gateway;
  const stream = await openStream({
    board,
    keys: options.keys,
    transport: options.transport,
    host: "127.0.0.1",
    port: 8787,
    boot: options.boot,
    version: "0.0.0",
    clock,
    extraMethods: [...writeMethods({ flow }), submitMethod(flow)],
    onFault,
  });
  const sink = (event: Parameters<typeof flow.accept>[0]) => flow.accept(event);
  const silence = watchSilence({ sink, idle: (at) => flow.idle(at), speed: market.speed, clock });
  return { boot: options.boot, store, journal, snapshots, gateway, stream, silence };
}

/** The market as a feed; the world itself plays it, for it goes on while no gateway runs. */
function feedOf({ listing, startMs }: SmallMarket): Feed {
  return {
    name: "sim",
    sources: [{ name: "sim" }],
    trusted: true,
    barMs: BAR_MS,
    startMs,
    startIndex: new Map(),
    listing,
    async *warm() {},
    async *events() {},
  };
}
