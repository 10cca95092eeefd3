/**
 * `slidewire journal inspect|verify|export|backup DATA`: the journal of a data folder, read while a
 * gateway may be writing to it; `restore` makes a data folder of a backup.
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { decodeTurn } from "../../core/engine/turn-decode.ts";
import { RiskError, shown } from "../../core/errors.ts";
import { FORMAT_VERSION } from "../journal/check-files.ts";
import type { ListRecord } from "../journal/list.ts";
import { type ReadJournal, readJournal } from "../journal/read-journal.ts";
import { turnsFolder } from "../journal/segment-files.ts";
import { type Chain, chains } from "../journal/store.ts";
import { backUp, restore } from "../restore.ts";
import { verifyData } from "../verify-data.ts";
import { errorLine } from "./error-line.ts";
import type { FlagValues, Verb } from "./verb.ts";

const CHECK_FAILED = 3;

export const journalVerb: Verb = {
  name: "journal",
  usage: "inspect|verify|export DATA | backup DATA FOLDER | restore FOLDER DATA",
  summary: "look into a journal, check every bit of it, write it out, back it up and restore it",
  flags: ["json"],
  positionals: [2, 3],
  example: "slidewire journal verify ./data --json",
  run: runJournal,
};

async function runJournal(flags: FlagValues): Promise<number> {
  const [action, data, to] = flags.positional as [string, string, string?];
  const json = flags.has("json");
  if (action === "backup" && to !== undefined) return backup({ data, to, json });
  if (action === "restore" && to !== undefined) return restored(data, to, json);
  if (to === undefined && action === "inspect") return inspect(data, json);
  if (to === undefined && action === "verify") return verify(data, json);
  if (to === undefined && action === "export") return exportRecords(data);
  throw new RiskError("unknown_command", {
    path: `journal ${action}`,
    expected: `journal ${journalVerb.usage}`,
    found: shown(flags.positional.join(" ")),
  });
}

/** What is there, by its heads: nothing but what is needed for that is checked. */
function inspect(data: string, json: boolean): number {
  const journal = readJournal(data);
  try {
    const document = {
      lineage: journal.lineage,
      format: FORMAT_VERSION,
      account: headOf(journal, "account"),
      turns: headOf(journal, "turns"),
      segments: journal.segments.map(({ number, first, openedMs }) => {
        return { number, firstSeq: first, openedAt: new Date(openedMs).toISOString() };
      }),
      files: filesOf(data),
    };
    process.stdout.write(json ? `${JSON.stringify(document)}\n` : told(document));
    return 0;
  } finally {
    journal.close();
  }
}

function headOf(journal: ReadJournal, chain: Chain) {
  const { firstSeq, lastSeq, hash } = journal.head(chain);
  return { firstSeq, lastSeq, head: Buffer.from(hash).toString("hex") };
}

function filesOf(data: string): { readonly file: string; readonly bytes: number }[] {
  const turns = existsSync(turnsFolder(data)) ? readdirSync(turnsFolder(data)) : [];
  const names = [...readdirSync(data), ...turns.map((name) => join("turns", name))];
  return names
    .filter((name) => /^(journal|turns\/\d{8})\.(db|db-wal|pages)$/.test(name))
    .map((file) => ({ file, bytes: statSync(join(data, file)).size }));
}

function told({
  lineage,
  account,
  turns,
  segments,
  files,
}: {
  readonly lineage: string;
  readonly account: ReturnType<typeof headOf>;
  readonly turns: ReturnType<typeof headOf>;
  readonly segments: readonly unknown[];
  readonly files: ReturnType<typeof filesOf>;
}): string {
  return [
    `lineage  ${lineage}`,
    `account  commands 1 to ${account.lastSeq}, head ${account.head}`,
    `turns    ${turns.firstSeq} to ${turns.lastSeq} in ${segments.length} segments, ${turns.head}`,
    ...files.map(({ file, bytes }) => `${String(bytes).padStart(12)}  ${file}`),
    "",
  ].join("\n");
}

function verify(data: string, json: boolean): number {
  try {
    const found = verifyData(data);
    const { lineage, account, turns, snapshots } = found;
    const lines = [
      `ok: lineage ${lineage}`,
      `account  ${account.records} commands, to ${account.lastSeq}, head ${account.head}`,
      `turns    ${turns.records} Turns, ${turns.firstSeq} to ${turns.lastSeq}, head ${turns.head}`,
      `snapshots ${snapshots.count}, the newest after turn ${snapshots.newestSeq}`,
    ];
    const document = { ok: true, ...found };
    process.stdout.write(`${json ? JSON.stringify(document) : lines.join("\n")}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof RiskError) || error.code !== "corrupt") throw error;
    process.stderr.write(errorLine(error, json));
    return CHECK_FAILED;
  }
}

/** One line a record, the account chain first. */
async function exportRecords(data: string): Promise<number> {
  const journal = readJournal(data);
  try {
    for (const chain of chains) {
      const { firstSeq } = journal.head(chain);
      for (const record of journal.read(chain, firstSeq)) await write(lineOf(chain, record));
    }
    return 0;
  } finally {
    journal.close();
  }
}

function lineOf(chain: Chain, { seq, bytes }: ListRecord): string {
  const content =
    chain === "turns"
      ? { turn: decodeTurn(bytes) }
      : { command: JSON.parse(new TextDecoder().decode(bytes)) };
  return `${JSON.stringify({ chain, seq, ...content })}\n`;
}

function write(text: string): Promise<void> | void {
  if (process.stdout.write(text)) return;
  return new Promise((drained) => process.stdout.once("drain", drained));
}

interface Backup {
  readonly data: string;
  readonly to: string;
  readonly json: boolean;
}

function backup({ data, to, json }: Backup): number {
  if (existsSync(to)) {
    const [expected, found] = ["a folder that is not there yet", "one that is"];
    throw new RiskError("unreadable_file", { path: to, expected, found });
  }
  backUp(data, to);
  const document = { to, ...verifyData(to) };
  const { account, turns } = document;
  const line = `ok: commands to ${account.lastSeq}, Turns to ${turns.lastSeq}, in ${to}`;
  process.stdout.write(`${json ? JSON.stringify(document) : line}\n`);
  return 0;
}

async function restored(from: string, data: string, json: boolean): Promise<number> {
  const document = await restore(from, data);
  const { lineage, command, turn } = document;
  const line = `ok: commands to ${command}, state of turn ${turn}, under the lineage ${lineage}`;
  process.stdout.write(`${json ? JSON.stringify(document) : line}\n`);
  return 0;
}
