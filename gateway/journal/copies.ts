/**
 * Where copies of a journal are made to be read: in the system's temporary folder, since a data
 * folder may be read-only.
 *
 *      slidewire-journal-PID-XXXXXX
 *
 * Who ends in order removes his own. What was left by a process that was killed the next reader
 * finds by its number, and removes.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inReading } from "./check-files.ts";

const NAME = /^slidewire-journal-(\d{1,10})-[A-Za-z0-9]{6}$/;

export interface Copies {
  readonly path: string;
  remove(): void;
}

/** Makes a folder for copies, gone when it is removed or the process ends by itself. */
export function makeCopies(): Copies {
  sweepCopies();
  const stem = join(tmpdir(), `slidewire-journal-${process.pid}-`);
  const path = inReading(tmpdir(), () => mkdtempSync(stem));
  const drop = () => rmSync(path, { recursive: true, force: true });
  process.once("exit", drop);
  return {
    path,
    remove() {
      process.off("exit", drop);
      drop();
    },
  };
}

/** Removes the copies of processes that are no more. */
export function sweepCopies(): void {
  for (const name of inReading(tmpdir(), () => readdirSync(tmpdir()))) {
    const pid = NAME.exec(name)?.[1];
    if (pid === undefined) continue;
    const path = join(tmpdir(), name);
    try {
      if (isLeft(path, Number(pid))) rmSync(path, { recursive: true, force: true });
    } catch {
      // Somebody else's, or swept by another reader just now: it is in nobody's way.
    }
  }
}

function isLeft(path: string, pid: number): boolean {
  if (pid !== process.pid) return !isAlive(pid);
  // Numbers come again, in a container after every start: made before us, it is not ours.
  return statSync(path).mtimeMs < Date.now() - 1_000 * process.uptime();
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
