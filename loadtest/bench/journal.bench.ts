/**
 * The journal's speed, beside a bare SQLite loop on the same disk in the same run.
 *
 *      node loadtest/bench/journal.bench.ts [FOLDER] [--json]
 *
 * Records of 200 bytes. `journal` appends them one by one with 1,000, or 1, outstanding: through
 * group commit, the worker thread, checksums, chain and page checksums, checkpoints included.
 * `bare` inserts as many in batches of the same size from this thread into one table of a SQLite
 * file with WAL and synchronous=FULL, and does nothing else. `read` is one million records out of
 * the journal, every checksum and hash verified. Latencies leave out the first fifth. Not included:
 * what a command costs before it is appended.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Journal, openJournal } from "../../gateway/journal/journal.ts";
import { openDatabase } from "../../gateway/journal/sqlite.ts";

const RECORD_BYTES = 200;
const OUTSTANDING = 1_000;
const EVENTS = 1_000_000;
const SINGLES = 2_000;

interface Figures {
  readonly eventsPerSecond: number;
  readonly msP50: number;
  readonly msP99: number;
  readonly msMax: number;
}

const record = new Uint8Array(RECORD_BYTES).map((_, i) => (i * 31) % 251);

function figures(took: Float64Array, elapsedMs: number): Figures {
  const warm = took.subarray(Math.floor(took.length / 5)).sort();
  const at = (share: number) => Number(warm[Math.floor(share * (warm.length - 1))]!.toFixed(3));
  const eventsPerSecond = Math.round((1000 * took.length) / elapsedMs);
  return { eventsPerSecond, msP50: at(0.5), msP99: at(0.99), msMax: at(1) };
}

async function journalRun(journal: Journal, count: number, lanes: number): Promise<Figures> {
  const took = new Float64Array(count);
  const first = journal.account.lastSeq() + 1;
  let next = first;
  async function lane(): Promise<void> {
    while (next < first + count) {
      const seq = next++;
      const begun = performance.now();
      await journal.account.append([record], seq);
      took[seq - first] = performance.now() - begun;
    }
  }
  const begun = performance.now();
  await Promise.all(Array.from({ length: lanes }, lane));
  return figures(took, performance.now() - begun);
}

/** Every event of a batch takes as long as its batch. */
function bareRun(path: string, count: number, batch: number): Figures {
  const db = openDatabase(path);
  db.exec("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL");
  db.exec("CREATE TABLE events(seq INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT");
  const insert = db.prepare("INSERT INTO events(seq, bytes) VALUES (?, ?)");
  const took = new Float64Array(count);
  const begun = performance.now();
  for (let seq = 0; seq < count; seq += batch) {
    const from = performance.now();
    db.exec("BEGIN");
    for (let i = seq; i < seq + batch; i++) insert.run(i + 1, record);
    db.exec("COMMIT");
    took.fill(performance.now() - from, seq, seq + batch);
  }
  const found = figures(took, performance.now() - begun);
  db.close();
  return found;
}

async function readRun(journal: Journal): Promise<{ records: number; seconds: number }> {
  const begun = performance.now();
  let records = 0;
  for await (const { bytes } of journal.account.read(1)) {
    records += bytes.length === RECORD_BYTES ? 1 : 0;
    if (records === EVENTS) break;
  }
  return { records, seconds: Number(((performance.now() - begun) / 1000).toFixed(2)) };
}

async function run(parent: string): Promise<object> {
  const folder = mkdtempSync(join(parent, "slidewire-bench-"));
  try {
    const bare = bareRun(join(folder, "bare.db"), EVENTS, OUTSTANDING);
    const bareSingle = bareRun(join(folder, "single.db"), SINGLES, 1);
    const data = join(folder, "data");
    const journal = await openJournal(data);
    const many = await journalRun(journal, EVENTS, OUTSTANDING);
    const single = await journalRun(journal, SINGLES, 1);
    const read = await readRun(journal);
    await journal.close();
    const opening = performance.now();
    await (await openJournal(data)).close();
    return {
      ...{ node: process.version, recordBytes: RECORD_BYTES, events: EVENTS },
      journal: many,
      bare,
      ratio: Number((many.eventsPerSecond / bare.eventsPerSecond).toFixed(2)),
      single: { journal: single, bare: bareSingle },
      read,
      reopenMs: Math.round(performance.now() - opening),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function told(found: object): string {
  const lines = Object.entries(found).map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`);
  return lines.join("");
}

const [parent = tmpdir()] = process.argv.slice(2).filter((arg) => !arg.startsWith("--"));
const found = await run(parent);
process.stdout.write(process.argv.includes("--json") ? `${JSON.stringify(found)}\n` : told(found));
