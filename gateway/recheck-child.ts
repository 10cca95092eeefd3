/**
 * The recheck of a recovery in a process of its own, beside the running gateway.
 *
 *      gateway ── fork ─► recheck-main.ts ─ reads the data folder on a copy, folds ─► what it told
 *
 * Not in a thread: the locks of SQLite belong to the process, and end when the process closes any
 * descriptor of the file. A reader in the gateway's own process would unlock its journal.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { RiskError } from "../core/errors.ts";
import { sweepCopies } from "./journal/copies.ts";
import type { Columns } from "./record-rows.ts";

export interface RecheckChild {
  /** Resolves when the process has ended and its copies are removed. */
  stop(): Promise<void>;
}

/** What the process tells, once. */
export interface Told {
  readonly fault?: string;
  readonly record?: ReadonlyMap<string, Columns>;
}

export interface RecheckListener {
  /** Told when a snapshot is not what the list gives, or the check itself broke. */
  readonly onFault: (error: RiskError) => void;
  /** Told what the regimes folded and published up to the newest snapshot. */
  readonly onRecord: (record: ReadonlyMap<string, Columns>) => void;
}

/** Somebody ended the process; that says nothing of the snapshots. */
const ENDED_FROM_OUTSIDE: readonly (NodeJS.Signals | null)[] = [
  "SIGHUP",
  "SIGINT",
  "SIGKILL",
  "SIGTERM",
];

export function recheckInBackground(
  data: string,
  { onFault, onRecord }: RecheckListener,
): RecheckChild {
  const child = started(data);
  let stopped = false;
  const fault = (found: string) => {
    if (!stopped) onFault(new RiskError("invariant_broken", { path: data, found }));
  };
  child.on("message", ({ fault: found, record }: Told) => {
    if (found !== undefined) fault(found);
    if (record !== undefined && !stopped) onRecord(record);
  });
  child.on("error", (error) => fault(String(error)));
  child.on("exit", (code, signal) => {
    if (code === 0 || ENDED_FROM_OUTSIDE.includes(signal)) return;
    fault(`the recheck ended with ${signal ?? `exit code ${code}`}`);
  });
  return {
    async stop() {
      stopped = true;
      const isRunning =
        child.pid !== undefined && child.exitCode === null && child.signalCode === null;
      if (isRunning) {
        // It holds nothing but copies, and may be too busy to listen.
        const ended = once(child, "exit");
        child.kill("SIGKILL");
        await ended;
      }
      sweepCopies();
    },
  };
}

/** The gateway does not stay for it; it does not stay without the gateway (recheck-main.ts). */
function started(data: string): ChildProcess {
  // Sources and built files have the same names but for the ending.
  const file = new URL(`./recheck-main${extname(import.meta.url)}`, import.meta.url);
  const child = fork(fileURLToPath(file), [data, String(process.pid)], {
    // Columns are typed arrays in a map.
    serialization: "advanced",
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  child.unref();
  child.channel?.unref();
  return child;
}
