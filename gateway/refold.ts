/**
 * Folds a written list again: state and regimes, from a base on, as they were folded live.
 *
 *      Turns ─────► decoded ─► chained ─► state ─► regimes
 *      commands ──► the same, in the same order, or the list is corrupt
 *
 * Only state is folded: margins are worked out by whoever opens an engine on the result. What the
 * regime answers is not said again, for the list holds it as commands.
 */
import { createHash } from "node:crypto";
import { canonicalJson } from "../core/canonical.ts";
import type { Command, Submission } from "../core/engine/command.ts";
import { checkCommandShape } from "../core/engine/command-shape.ts";
import { foldTurn } from "../core/engine/fold.ts";
import { type EngineState, emptyState } from "../core/engine/state.ts";
import type { Turn } from "../core/engine/turn.ts";
import { decodeTurn } from "../core/engine/turn-decode.ts";
import { RiskError } from "../core/errors.ts";
import { parseJson } from "../core/parse-json.ts";
import type { Terms } from "../core/terms.ts";
import { type Comovement, foldRegimesTurn, type RegimeState } from "../regime/index.ts";
import type { OrderedList } from "./journal/list.ts";
import type { Snapshot, Snapshots } from "./journal/snapshots.ts";

/** Nesting of a written command: terms are the deepest. */
export const COMMAND_DEPTH_MAX = 64;

/** Both chains of a journal. */
export interface Chains {
  readonly lineage: string;
  readonly account: Pick<OrderedList, "read" | "lastSeq">;
  readonly turns: Pick<OrderedList, "read" | "lastSeq">;
}

/** A state to fold on from; folding changes it. */
export interface Base {
  readonly state: EngineState;
  readonly regimes: Map<string, RegimeState>;
  pairs: Comovement | undefined;
  /** File of the snapshot that it is; undefined: the state before the first Turn. */
  readonly snapshot: string | undefined;
}

/** The state before the first Turn. Terms are the list's own from its first command on. */
export function firstBase(lineage: string, terms: Terms, termsHash: string): Base {
  const state = emptyState(lineage, terms, termsHash);
  return { state, regimes: new Map(), pairs: undefined, snapshot: undefined };
}

/**
 * Snapshots that can be read, newest first. Told why others cannot.
 *
 * @throws RiskError corrupt for one of another lineage: it is no state of this list
 */
export function* snapshotBases(
  snapshots: Snapshots,
  lineage: string,
  passedOver: (error: RiskError) => void,
): Generator<Base> {
  for (const { name, load } of snapshots.newestFirst()) {
    const loaded = readable(load, passedOver);
    if (loaded === undefined) continue;
    const { state, regimes, pairs } = loaded;
    refuseOtherLineage(name, lineage, state.lineage);
    yield { state, regimes: new Map(regimes), pairs, snapshot: name };
  }
}

function readable(
  load: () => Snapshot,
  passedOver: (error: RiskError) => void,
): Snapshot | undefined {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof RiskError) || error.kind === "fault") throw error;
    passedOver(error);
    return undefined;
  }
}

function refuseOtherLineage(path: string, lineage: string, found: string): void {
  if (lineage === found) return;
  const expected = `lineage ${lineage}, which the journal has`;
  throw new RiskError("corrupt", { path, expected, found });
}

/** Tells, before a Turn is folded, whether to stop in front of it. */
export type Until = (turn: Turn) => boolean;

export interface RefoldOptions {
  readonly until?: Until;
  /** Told of the regimes after every Turn. */
  readonly onFolded?: (regimes: Base["regimes"]) => void;
}

/**
 * Folds the Turns after `base` into it, as far as `until` lets it.
 *
 * @returns how many Turns were folded
 * @throws RiskError corrupt, naming chain and number, when a Turn is missing, does not follow the
 * one before, or holds another command than the account chain
 */
export async function refold(
  base: Base,
  chains: Chains,
  { until, onFolded }: RefoldOptions = {},
): Promise<number> {
  const { state } = base;
  const commands = openCommands(chains.account, state.commands + 1);
  const first = state.seq;
  for await (const { seq, bytes } of chains.turns.read(first + 1)) {
    const turn = turnOf(seq, bytes, state.seq + 1);
    if (until?.(turn)) break;
    for (const command of turn.commands) await requireWritten(commands, command, turn.seq);
    foldOne(state, turn, bytes);
    base.pairs = foldRegimesTurn(base, turn, state.names).pairs;
    onFolded?.(base.regimes);
  }
  return state.seq - first;
}

function turnOf(seq: number, bytes: Uint8Array, expected: number): Turn {
  if (seq !== expected) throw corruptTurn(expected, `turn ${expected}`, `turn ${seq}`);
  try {
    return decodeTurn(bytes);
  } catch (cause) {
    if (!(cause instanceof RiskError)) throw cause;
    throw corruptTurn(seq, "a Turn", cause.message);
  }
}

function foldOne(state: EngineState, turn: Turn, bytes: Uint8Array): void {
  try {
    foldTurn(state, turn, createHash("sha256").update(bytes).digest("hex"));
  } catch (cause) {
    if (!(cause instanceof RiskError)) throw cause;
    throw corruptTurn(
      turn.seq,
      cause.detail.expected ?? "a Turn that can be folded",
      cause.message,
    );
  }
}

/** The account chain, one command at a time. */
interface Commands {
  next(): Promise<{ readonly seq: number; readonly bytes: Uint8Array } | undefined>;
}

function openCommands(account: Chains["account"], fromSeq: number): Commands {
  const records = account.read(fromSeq);
  const iterator =
    Symbol.asyncIterator in records ? records[Symbol.asyncIterator]() : records[Symbol.iterator]();
  return {
    async next() {
      const { done, value } = await iterator.next();
      return done ? undefined : value;
    },
  };
}

/** A Turn's command stands in the account chain, next in order; a Tick stands in Turns alone. */
async function requireWritten(commands: Commands, command: Command, turn: number): Promise<void> {
  if (command.kind === "Tick") return;
  const record = await commands.next();
  const text = canonicalJson(command);
  if (record !== undefined && Buffer.from(record.bytes).toString("utf8") === text) return;
  const found = record === undefined ? "its end" : `another as command ${record.seq}`;
  throw new RiskError("corrupt", {
    path: "account chain",
    expected: `the ${command.kind} of turn ${turn}`,
    found,
  });
}

/**
 * Commands after number `folded`: durable, and in no Turn.
 *
 * @throws RiskError corrupt when one is no command
 */
export async function leftCommands(
  account: Chains["account"],
  folded: number,
): Promise<readonly { readonly seq: number; readonly command: Submission }[]> {
  const left: { seq: number; command: Submission }[] = [];
  for await (const { seq, bytes } of account.read(folded + 1)) {
    left.push({ seq, command: commandOf(seq, bytes) });
  }
  return left;
}

function commandOf(seq: number, bytes: Uint8Array): Submission {
  try {
    const command = checkCommandShape(
      parseJson(Buffer.from(bytes).toString("utf8"), { depthMax: COMMAND_DEPTH_MAX }),
      "",
    );
    if (command.kind !== "Tick") return command;
  } catch (cause) {
    if (!(cause instanceof RiskError)) throw cause;
  }
  const path = `account chain, command ${seq}`;
  throw new RiskError("corrupt", { path, expected: "a command", found: `${bytes.length} bytes` });
}

function corruptTurn(seq: number, expected: string, found: string): RiskError {
  return new RiskError("corrupt", { path: `chain of Turns, turn ${seq}`, expected, found });
}
