/**
 * The recheck of a recovery in a thread of its own, so that marks never wait for it.
 *
 * It reads the data folder as any reader does, on a copy while the gateway holds it. What it cannot
 * read was refused or passed over by the recovery already; a snapshot that the list does not meet
 * is a fault, and the gateway must not go on. It folds the list from as far back as there is one,
 * so it says as well what the regimes folded and published there.
 */
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { loadTerms, termsHash } from "../config/terms.ts";
import { RiskError } from "../core/errors.ts";
import { readData } from "./data-folder.ts";
import { recheck } from "./recheck.ts";
import { openRecord } from "./record.ts";
import type { Columns } from "./record-rows.ts";

export interface RecheckThread {
  /** Resolves when the thread has ended. */
  stop(): Promise<void>;
}

interface Told {
  readonly fault?: string;
  readonly record?: ReadonlyMap<string, Columns>;
}

export interface RecheckListener {
  /** Told when a snapshot is not what the list gives, or the check itself broke. */
  readonly onFault: (error: RiskError) => void;
  /** Told what the regimes folded and published up to the newest snapshot. */
  readonly onRecord: (record: ReadonlyMap<string, Columns>) => void;
}

export function recheckInBackground(
  data: string,
  { onFault, onRecord }: RecheckListener,
): RecheckThread {
  const thread = new Worker(new URL(import.meta.url), { workerData: { recheck: data } });
  thread.unref();
  const fault = (found: string) =>
    onFault(new RiskError("invariant_broken", { path: data, found }));
  thread.on("message", ({ fault: found, record }: Told) => {
    if (found !== undefined) fault(found);
    if (record !== undefined) onRecord(record);
  });
  thread.on("error", (error) => fault(String(error)));
  return {
    async stop() {
      await thread.terminate();
    },
  };
}

async function run(data: string): Promise<void> {
  const { chains, snapshots, close } = readData(data);
  try {
    const terms = loadTerms("slidewire");
    const record = openRecord();
    const options = { chains, snapshots, terms, termsHash: termsHash(terms) };
    await recheck({ ...options, onFolded: record.follow });
    parentPort!.postMessage({ record: record.columns() } satisfies Told);
  } catch (error) {
    // Not readable any more is not wrong: it was readable when it was recovered.
    const wrong = !(error instanceof RiskError) || error.kind === "fault";
    if (wrong) parentPort!.postMessage({ fault: String(error) } satisfies Told);
  } finally {
    close();
  }
}

if (!isMainThread && typeof workerData?.recheck === "string") await run(workerData.recheck);
