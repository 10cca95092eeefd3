/**
 * States with everything in them, for tests of snapshots: the golden Turns, and Turns at random.
 */
import { readFileSync } from "node:fs";
import { regimeTerms } from "../../config/regime.ts";
import type { Submission } from "../../core/engine/command.ts";
import { type Dice, dice, fullMarks, openDesk } from "../../core/engine/engine.test-kit.ts";
import { foldTurn } from "../../core/engine/fold.ts";
import { type EngineState, emptyState } from "../../core/engine/state.ts";
import type { Turn } from "../../core/engine/turn.ts";
import { decodeTurn } from "../../core/engine/turn-decode.ts";
import { RiskError } from "../../core/errors.ts";
import { createRegime, type RegimeState } from "../../regime/index.ts";
import { foldRegimeTurn } from "../../regime/turn.ts";
import type { Snapshot } from "./snapshots.ts";
import { readTurnFile } from "./turn-file.ts";

export const goldenTurns: readonly Turn[] = readTurnFile(
  new Uint8Array(readFileSync("core/cases/turns/sim.turns")),
).map(decodeTurn);

export interface Fold extends Snapshot {
  readonly regimes: Map<string, RegimeState>;
}

/** State and regimes before the first golden Turn. */
export function beforeGolden(): Fold {
  const change = goldenTurns[0]!.commands.find(({ kind }) => kind === "TermsChange");
  if (change?.kind !== "TermsChange") throw new RiskError("invariant_broken");
  const state = emptyState(goldenTurns[0]!.lineage, change.terms, change.hash);
  return { state, regimes: regimesOf("BTC", "ETH") };
}

/** Regimes in this order, which is that of what they say. */
function regimesOf(...ids: readonly string[]): Map<string, RegimeState> {
  return new Map(ids.map((id) => [id, createRegime(regimeTerms("crypto"), 60_000, id)]));
}

/** The hash by which the golden Turns and those at random are chained is theirs, not this. */
export function foldOn({ state, regimes }: Fold, turn: Turn, hash: string): void {
  foldTurn(state, turn, hash);
  foldRegimeTurn(regimes, turn, state.names);
}

/** The hash that the Turn after each names. */
export function hashesOf(turns: readonly Turn[]): string[] {
  return turns.map((_, i) => turns[i + 1]?.prevHash ?? "ff".repeat(32));
}

/** The golden fold after `count` Turns. */
export function goldenAfter(count: number): Fold {
  const fold = beforeGolden();
  const hashes = hashesOf(goldenTurns);
  for (let i = 0; i < count; i++) foldOn(fold, goldenTurns[i]!, hashes[i]!);
  return fold;
}

/** Turns at random from `seed`, after the desk's own; `start` is the fold before the first. */
export function randomTurns(seed: number, count: number): { start: Fold; turns: readonly Turn[] } {
  const chance = dice(seed);
  const desk = openDesk();
  desk.apply(...names.map((account) => ({ kind: "Account", account, mode: "portfolio" }) as const));
  const start = { state: structuredClone(desk.engine.state), regimes: regimesOf("ETH", "BTC") };
  const turns: Turn[] = [];
  for (let i = 0; i < count; i++) {
    const { state } = desk.engine;
    const at = state.at + chance.below(1_500);
    const commands = Array.from({ length: chance.below(5) }, () => randomCommand(chance)).flatMap(
      (one): Submission[] => {
        try {
          return [desk.admission.admit(one, { at }).command];
        } catch (error) {
          if (!(error instanceof RiskError) || error.kind === "fault") throw error;
          return [];
        }
      },
    );
    const turn = turnAfter(state, at, commands, chance);
    desk.engine.fold(turn, hashAt(turn.seq));
    desk.admission.settled([]);
    turns.push(turn);
  }
  return { start, turns };
}

export const hashAt = (seq: number): string => String(seq).padStart(64, "0");

function turnAfter(
  { partition, lineage, seq, lastHash: prevHash, ordinals }: EngineState,
  at: number,
  commands: readonly Submission[],
  chance: Dice,
): Turn {
  const index = ["BTC", "ETH"].map((id) => {
    const v = fullMarks[id]![0] * (0.9 + chance.below(2_000) / 10_000);
    return { ordinal: ordinals.get(id)!, open: v, high: v, low: v, last: v, count: 1 };
  });
  const marks = index.map(({ ordinal, last }) => ({ ordinal, value: last, extra: 0 }));
  const tick = chance.below(3) === 0 ? [{ kind: "Tick" } as const] : [];
  return {
    ...{ partition, lineage, seq: seq + 1, at, prevHash, marks, index },
    commands: [...commands, ...tick],
  };
}

const names = ["zeta", "10", "9", "a~b", "__proto__"];
const instruments = ["BTC_USDC-PERP", "BTC-PERP", "BTC-P", "ETH-C", "BTC-SPOT", "BTC-COIN-FUT"];

function exact(chance: Dice, digits: number): string {
  const sign = chance.below(2) === 0 ? "-" : "";
  return `${sign}${1 + chance.below(9)}${"7".repeat(chance.below(digits))}.${chance.below(1e9)}`;
}

function randomCommand(chance: Dice): unknown {
  const account = chance.pick(names);
  const key = chance.below(2) === 0 ? {} : { key: `key-${chance.below(1e9)}-${"é".repeat(3)}` };
  const instrument = chance.pick(instruments);
  switch (chance.below(6)) {
    case 0:
      return { kind: "Account", account, mode: "portfolio", ...key };
    case 1: {
      const currency = chance.pick(["USDC", "BTC", "USD"]);
      return { kind: "Transfer", account, currency, amount: exact(chance, 12), ...key };
    }
    case 2: {
      const order = { instrument, quantity: 1 + chance.below(9) / 7, price: 100 };
      const reduceOnly = chance.below(2) === 0;
      const orders = ["sell", "buy"].map((side) => ({ ...order, side, reduceOnly }));
      return { kind: "Orders", account, orders, ...key };
    }
    default: {
      const price = exact(chance, 12).replace("-", "");
      const fills = [{ instrument, quantity: exact(chance, 12), price, fee: "0.000000000001" }];
      return { kind: "Fill", account, fills, ...key };
    }
  }
}

/**
 * A value with every map as its entries, so that a comparison sees their order. Functions, which a
 * regime's pace is made of, are all alike.
 */
export function inOrder(value: unknown): unknown {
  if (typeof value === "function") return "function";
  if (value instanceof Map) return { entries: [...value].map(inOrder) };
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, inOrder(of)]));
}
