/**
 * The golden Turns: a recorded market with everything that a list may hold, and what it folds to.
 *
 * Recorded once and committed, they are read on every Node that is supported, from source and from
 * the built package: the same bytes must give the same state and the same margins, bit for bit, for
 * as long as the arithmetic is meant to stay what it is. When it is meant to change,
 * `golden-make.ts --expect` writes what the very same Turns fold to now, and the commit says why.
 */
import { createHash } from "node:crypto";
import { canonicalJson } from "../../core/canonical.ts";
import { type Engine, openEngine } from "../../core/engine/engine.ts";
import { emptyState } from "../../core/engine/state.ts";
import { stateDocument } from "../../core/engine/state-document.ts";
import { encodeTurn } from "../../core/engine/turn.ts";
import { decodeTurn } from "../../core/engine/turn-decode.ts";
import { RiskError } from "../../core/errors.ts";

/** What a file of Turns folds to. */
export interface Golden {
  /** SHA-256 of the file. */
  readonly file: string;
  readonly turns: number;
  /** SHA-256 of the canonical state after every so many Turns and after the last, by number. */
  readonly states: Readonly<Record<string, string>>;
  /** At the end, by account. */
  readonly accounts: Readonly<Record<string, GoldenAccount>>;
}

export interface GoldenAccount {
  readonly status: string;
  /**
   * Float64 bits, big-endian hex: initial margin, maintenance margin, initial and maintenance
   * equity.
   */
  readonly bits: readonly string[];
}

export const CHECKPOINT_TURNS = 50;

/**
 * Folds `records` from the first Turn, which brings the terms.
 *
 * @param file whose records they are
 * @throws RiskError malformed_file when they are no chain of Turns
 */
export function goldenOf(file: Uint8Array, records: readonly Uint8Array[]): Golden {
  const engine = engineFor(records[0]);
  const states: Record<string, string> = {};
  records.forEach((bytes, i) => {
    const turn = decodeTurn(bytes);
    if (Buffer.compare(encodeTurn(turn), bytes) !== 0) {
      throw broken(`turn ${turn.seq}`, "the bytes that it was read from", "others");
    }
    engine.fold(turn, sha256(bytes));
    if (turn.seq % CHECKPOINT_TURNS === 0 || i === records.length - 1) {
      states[turn.seq] = sha256(canonicalJson(stateDocument(engine.state)));
    }
  });
  const accounts = [...engine.state.accounts.keys()].sort();
  return {
    file: sha256(file),
    turns: records.length,
    states,
    accounts: Object.fromEntries(accounts.map((id) => [id, accountOf(engine, id)])),
  };
}

function engineFor(first: Uint8Array | undefined): Engine {
  if (first === undefined) throw broken("turn 1", "a Turn", "an empty file");
  const { lineage, commands } = decodeTurn(first);
  const change = commands.find((command) => command.kind === "TermsChange");
  if (change === undefined) throw broken("turn 1", "a TermsChange", "none");
  return openEngine(emptyState(lineage, change.terms, change.hash));
}

function accountOf(engine: Engine, id: string): GoldenAccount {
  const margin = engine.margin(id)?.margin;
  if (margin === undefined) return { status: "none", bits: [] };
  const { requirement, equity, status } = margin;
  const figures = [requirement, equity].flatMap((of) => [of.initial, of.maintenance]);
  return { status, bits: figures.map(hexOf) };
}

function hexOf(figure: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(figure);
  return bytes.toString("hex");
}

/** Each check by its name: whether it holds. */
export function compareGolden(expected: Golden, found: Golden): ReadonlyMap<string, boolean> {
  const checks = new Map<string, boolean>([
    ["the file", expected.file === found.file],
    ["the number of turns", expected.turns === found.turns],
    ["the accounts", same(Object.keys(expected.accounts), Object.keys(found.accounts))],
  ]);
  for (const [seq, hash] of Object.entries(expected.states)) {
    checks.set(`the state after turn ${seq}`, found.states[seq] === hash);
  }
  for (const [id, account] of Object.entries(expected.accounts)) {
    checks.set(`the margin of ${id}`, same(account, found.accounts[id] ?? null));
  }
  return checks;
}

const same = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b);
const sha256 = (of: string | Uint8Array): string => createHash("sha256").update(of).digest("hex");

const broken = (path: string, expected: string, found: string) =>
  new RiskError("malformed_file", { path, expected, found });
