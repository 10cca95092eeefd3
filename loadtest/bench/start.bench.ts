/**
 * How long a gateway takes to be ready on a large venue's snapshot.
 *
 *      node loadtest/bench/start.bench.ts [ACCOUNTS] [POSITIONS]
 *
 * 100,000 accounts with 20 positions each over the embedded market's full chain, fixed seed. Each
 * of three rounds is a process of its own, from an open journal to a gateway that takes commands
 * and marks: snapshot read, checked and restored, the list after it folded, flow and board open;
 * the start of Node is not included. `bare` is reading the snapshot's bytes and hashing them, in
 * the same run. Margins of the accounts are worked out by the first Turn and not included.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadTerms, termsHash } from "../../config/terms.ts";
import { canonicalJson } from "../../core/canonical.ts";
import { systemClock } from "../../gateway/clock.ts";
import { SNAPSHOT_FOLDER } from "../../gateway/data-folder.ts";
import { resumeOf } from "../../gateway/feed/resume.ts";
import { openSim } from "../../gateway/feed/sim.ts";
import { openGateway } from "../../gateway/gateway.ts";
import { openFolder } from "../../gateway/journal/folder.ts";
import { openJournal } from "../../gateway/journal/journal.ts";
import { openSnapshots } from "../../gateway/journal/snapshots.ts";
import { venueOf } from "./venue.ts";

const ROUNDS = 3;
const START = "start";
const terms = loadTerms("slidewire");

async function start(data: string): Promise<void> {
  const journal = await openJournal(data);
  const from = performance.now();
  const gateway = await openGateway({
    ...{ journal, terms, termsHash: termsHash(terms), clock: systemClock },
    snapshots: openSnapshots(openFolder(join(data, SNAPSHOT_FOLDER))),
    feed: (recovery) => {
      const resume = recovery && resumeOf(recovery.state);
      return openSim(resume === undefined ? {} : { resume });
    },
    onFault: (error) => {
      throw error;
    },
  });
  const ms = performance.now() - from;
  const accounts = gateway.flow.engine.state.accounts.size;
  process.stdout.write(`${JSON.stringify({ ms, accounts })}\n`);
  process.exit(0);
}

/** A data folder as a stopped gateway left it: a lineage, and a snapshot of the venue. */
async function prepared(accounts: number, positions: number): Promise<string> {
  const data = mkdtempSync(join(tmpdir(), "slidewire-start-"));
  const journal = await openJournal(data);
  const venue = await venueOf({ accounts, positions, fills: 0, lineage: journal.lineage });
  // Its accounts came from nowhere: the journal holds no command of theirs, only the terms.
  venue.state.commands = 1;
  const command = { kind: "TermsChange", terms, hash: termsHash(terms) };
  await journal.account.append([new TextEncoder().encode(canonicalJson(command))], 1);
  await openSnapshots(openFolder(join(data, SNAPSHOT_FOLDER))).take(venue);
  await journal.close();
  return data;
}

/** Milliseconds that the snapshot's bytes take to be read and hashed. */
function bare(data: string): number {
  const folder = join(data, SNAPSHOT_FOLDER);
  const from = performance.now();
  const bytes = readFileSync(join(folder, readdirSync(folder)[0]!));
  createHash("sha256").update(bytes).digest();
  return performance.now() - from;
}

async function run(): Promise<void> {
  const [accounts = 100_000, positions = 20] = process.argv.slice(2).map(Number);
  const data = await prepared(accounts, positions);
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), START, data], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const { ms, accounts: found } = JSON.parse(child.stdout.toString()) as Record<string, number>;
      process.stdout.write(
        `${found} accounts ready in ${ms!.toFixed(0)} ms, bare ${bare(data).toFixed(0)} ms\n`,
      );
    }
  } finally {
    rmSync(data, { recursive: true });
  }
}

if (process.argv[2] === START) await start(process.argv[3]!);
else await run();
