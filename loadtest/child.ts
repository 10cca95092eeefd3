/**
 * Starts one of our programs as a process of its own, waits until it says that it is ready, and
 * ends it by its process id.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { extname } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type ErrorCode, errorTable, RiskError, shown } from "../core/errors.ts";

/** From the start to the ready line; the market's 60 days of history take some seconds of it. */
export const READY_MS_MAX = 60_000;
/** From SIGTERM to the end; a stream gives its readers up to ten seconds. */
export const STOP_MS_MAX = 15_000;
/** What is kept of a child's standard error, characters. */
const SAID_MAX = 8_192;

export interface Child {
  readonly pid: number;
  /** Its ready line. */
  readonly ready: Readonly<Record<string, unknown>>;
  stop(): Promise<void>;
}

/**
 * The file of a module of ours, from its name without an ending: sources run as they are, and built
 * files beside each other.
 *
 * @param name relative to this folder: `./gateway-main`
 */
export function moduleFile(name: string): string {
  return fileURLToPath(new URL(name + extname(import.meta.url), import.meta.url));
}

/**
 * The child's standard input stays open while this process lives: its end tells the child to go.
 *
 * @throws RiskError what the child itself refused, or `unreachable` when it never got ready
 */
export async function startChild(file: string, args: readonly string[]): Promise<Child> {
  const child = spawn(process.execPath, [file, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    env: withoutFlags(process.env),
  });
  const cut = (): void => void child.kill("SIGKILL");
  process.once("exit", cut);
  child.once("exit", () => process.off("exit", cut));
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-SAID_MAX);
  });
  const ready = await firstLine(child);
  if (ready === undefined) {
    cut();
    throw refusalOf(said);
  }
  return {
    pid: child.pid!,
    ready: JSON.parse(ready) as Child["ready"],
    stop: () => stop(child),
  };
}

/** What the environment says as a flag was said to us, and not to the child. */
function withoutFlags(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("SLIDEWIRE_")));
}

/** Its first line; undefined when it ended or took too long. The rest is read and let go. */
function firstLine(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), READY_MS_MAX);
    const lines = createInterface({ input: child.stdout! });
    lines.on("line", resolve);
    child.once("error", () => resolve(undefined));
    child.once("close", () => {
      clearTimeout(timer);
      resolve(undefined);
    });
    lines.once("line", () => clearTimeout(timer));
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
  await ended;
  clearTimeout(timer);
}

interface Refusal {
  readonly error: { readonly code: string; readonly kind?: string };
}

/** The child's own error where it printed one as JSON, else what it said last. */
function refusalOf(said: string): RiskError {
  const lines = said.trim().split("\n");
  const last = lines.at(-1) ?? "";
  try {
    // Node may have warned of something before or after it.
    const refusal = lines.findLast((line) => line.startsWith('{"error"')) ?? last;
    const { code, kind: _, ...detail } = (JSON.parse(refusal) as Refusal).error;
    if (Object.hasOwn(errorTable, code)) return new RiskError(code as ErrorCode, detail);
  } catch {
    // No JSON: it is shown as it is.
  }
  return new RiskError("unreachable", {
    expected: "a process that gets ready",
    found: shown(last),
  });
}
