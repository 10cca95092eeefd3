/** Writers as processes of their own, what they said, and what is found on disk after them. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readJournal } from "../../gateway/journal/read-journal.ts";
import { verifyJournal } from "../../gateway/journal/verify-journal.ts";
import { commandOf } from "./journal-records.ts";

const WRITER = "loadtest/chaos/journal-writer.ts";
const folders: string[] = [];

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "slidewire-chaos-"));
  folders.push(folder);
  return folder;
}

export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export interface Writer {
  readonly process: ChildProcess;
  /** Numbers that were acknowledged so far, in the order of the answers. */
  readonly acknowledged: number[];
  readonly refused: string[];
  /** Number of the newest command that it found, once it is open. */
  readonly opened: Promise<number>;
  /** Exit code and standard error. */
  readonly ended: Promise<{
    readonly code: number | null;
    readonly errors: string;
  }>;
}

export interface WriterOptions {
  readonly data: string;
  readonly lanes: number;
  readonly count: number;
  /** When it ends itself without closing the journal. */
  readonly exitMs?: number;
  /** A command that runs it: `strace …`. */
  readonly under?: readonly string[];
}

export function startWriter({ data, lanes, count, exitMs, under = [] }: WriterOptions): Writer {
  const exit = exitMs === undefined ? [] : [exitMs];
  const line = [...under, process.execPath, WRITER, data, ...[lanes, count, ...exit].map(String)];
  const child = spawn(line[0]!, line.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
  const acknowledged: number[] = [];
  const refused: string[] = [];
  let [rest, errors] = ["", ""];
  let open: (found: number) => void = () => undefined;
  const opened = new Promise<number>((done) => {
    open = done;
  });
  child.stderr.on("data", (chunk) => {
    errors += String(chunk);
  });
  child.stdout.on("data", (chunk) => {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop()!;
    for (const said of lines) {
      const [word = "", value = ""] = said.split(" ");
      if (word === "open") open(Number(value));
      else if (word === "refused") refused.push(value);
      else acknowledged.push(Number(word));
    }
  });
  const ended = new Promise<Awaited<Writer["ended"]>>((done) => {
    child.on("close", (code) => done({ code, errors }));
  });
  return { process: child, acknowledged, refused, opened, ended };
}

export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Resolves when `holds`, or after ten seconds whether it does or not. */
export async function until(holds: () => boolean): Promise<boolean> {
  for (let i = 0; i < 1_000 && !holds(); i++) await pause(10);
  return holds();
}

/**
 * What is wrong with a journal after its writer: every record that was acknowledged must be there,
 * once, in order and with its bytes, and every file be whole.
 */
export function wrongAfter(data: string, acknowledged: readonly number[]): string[] {
  const found: string[] = [];
  verifyJournal(data);
  const journal = readJournal(data);
  let expected = 1;
  for (const { seq, bytes } of journal.read("account", 1)) {
    if (seq !== expected) found.push(`${seq} in place of ${expected}`);
    if (Buffer.compare(bytes, commandOf(seq)) !== 0) found.push(`other bytes in ${seq}`);
    expected = seq + 1;
  }
  journal.close();
  const newest = acknowledged.reduce((most, seq) => Math.max(most, seq), 0);
  if (newest >= expected) found.push(`acknowledged ${newest}, kept ${expected - 1}`);
  return found;
}

/** Why `strace` cannot be used here; undefined when it can. */
export function straceMissing(): string | undefined {
  const tried = spawnSync("strace", ["-f", "-o", "/dev/null", "true"]);
  if (tried.error !== undefined) return "strace is not installed";
  return tried.status === 0 ? undefined : "strace may not trace here";
}

export interface SmallDisk {
  readonly path: string;
  remount(options: string): boolean;
  unmount(): void;
}

/** A file system in memory of so many MiB; undefined where mounting is refused. */
export function smallDisk(mebibytes: number): SmallDisk | undefined {
  const path = newFolder();
  const mount = (...args: string[]) => spawnSync("mount", args).status === 0;
  if (!mount("-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", path)) return undefined;
  return {
    path,
    remount: (options) => mount("-o", `remount,${options}`, path),
    unmount: () => void spawnSync("umount", [path]),
  };
}
