/**
 * The recheck of a recovery in a thread of its own, so that marks never wait for it.
 *
 * It reads the data folder as any reader does, on a copy while the gateway holds it. What it cannot
 * read was refused or passed over by the recovery already; a snapshot that the list does not meet
 * is a fault, and the gateway must not go on.
 */
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { loadTerms, termsHash } from "../config/terms.ts";
import { RiskError } from "../core/errors.ts";
import { readData } from "./data-folder.ts";
import { recheck } from "./recheck.ts";

export interface RecheckThread {
  /** Resolves when the thread has ended. */
  stop(): Promise<void>;
}

interface Told {
  readonly fault?: string;
  readonly met?: readonly string[];
}

/** @param onFault told when a snapshot is not what the list gives, or the check itself broke */
export function recheckInBackground(
  data: string,
  onFault: (error: RiskError) => void,
): RecheckThread {
  const thread = new Worker(new URL(import.meta.url), { workerData: { recheck: data } });
  thread.unref();
  const fault = (found: string) =>
    onFault(new RiskError("invariant_broken", { path: data, found }));
  thread.on("message", ({ fault: found }: Told) => {
    if (found !== undefined) fault(found);
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
    const { met } = await recheck({ chains, snapshots, terms, termsHash: termsHash(terms) });
    parentPort!.postMessage({ met } satisfies Told);
  } catch (error) {
    // Not readable any more is not wrong: it was readable when it was recovered.
    const wrong = !(error instanceof RiskError) || error.kind === "fault";
    parentPort!.postMessage((wrong ? { fault: String(error) } : { met: [] }) satisfies Told);
  } finally {
    close();
  }
}

if (!isMainThread && typeof workerData?.recheck === "string") await run(workerData.recheck);
