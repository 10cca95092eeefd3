/**
 * A process that writes to a journal until it is ended, and says what was acknowledged:
 *
 *      node loadtest/chaos/journal-writer.ts DATA LANES COUNT [EXIT_MS]
 *
 * LANES appends are outstanding at any time, COUNT in all; beside them Turns are written. First a
 * line `open N`, N the newest command found; then for every acknowledged command its number, for a
 * refused one `refused CODE`. What may be killed at any moment has its
 * answers on the pipe before it goes on.
 */
import { writeSync } from "node:fs";
import { RiskError } from "../../core/errors.ts";
import { openJournal } from "../../gateway/journal/journal.ts";
import { commandOf, turnsAfter } from "./journal-records.ts";

/** Small, so that many checkpoints and segments fall into a short run. */
const LOG_BYTES = 128 * 1024;
const SEGMENT_BYTES = 1024 * 1024;
const TURNS_EVERY = 16;

const [data = "", lanes = "1", count = "1000", exitMs] = process.argv.slice(2);

/** On the pipe when it returns; a reader that is busy is waited for. */
function say(line: string): void {
  for (;;) {
    try {
      writeSync(1, `${line}\n`);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

try {
  await write();
} catch (error) {
  if (!(error instanceof RiskError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(2);
}

async function write(): Promise<void> {
  const retention = { segmentBytes: SEGMENT_BYTES };
  const journal = await openJournal(data, { logBytesMax: LOG_BYTES, retention });
  const { account, turns, lineage } = journal;
  say(`open ${account.lastSeq()}`);
  // The process ends by itself, whatever its threads are doing.
  if (exitMs !== undefined) setTimeout(() => process.exit(0), Number(exitMs));
  let next = account.lastSeq() + 1;
  const end = next + Number(count);
  const turn = await turnsAfter(turns, lineage);

  async function lane(): Promise<void> {
    while (next < end) {
      const seq = next++;
      try {
        await account.append([commandOf(seq)], seq);
      } catch (error) {
        say(`refused ${(error as RiskError).code}`);
        return;
      }
      say(String(seq));
      if (seq % TURNS_EVERY === 0) turns.append([turn()], turns.lastSeq() + 1);
    }
  }

  await Promise.all(Array.from({ length: Number(lanes) }, lane));
  await journal.close();
}
