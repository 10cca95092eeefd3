/**
 * The sequencer: gathers what was accepted and closes it into Turns.
 *
 *      marks ── newest per name ──┐
 *      index ── open high low last count ──┼─► close ─► Turn, numbered, chained by hash
 *      commands ── in their order ──┘
 *
 * A Turn closes when the engine is free, so under load marks conflate and commands never do. It never
 * spans a second of market time: what belongs to the next second closes the one before first. A Tick
 * joins when a second has passed since the last one.
 */
import { createHash } from "node:crypto";
import type { Command } from "../core/engine/command.ts";
import type { EngineState } from "../core/engine/state.ts";
import { encodeTurn, type Turn, type TurnIndex } from "../core/engine/turn.ts";
import { RiskError } from "../core/errors.ts";
import type { Mark } from "../core/mark.ts";

export const TICK_MS = 1000;
/** Commands that may wait for one Turn. */
export const COMMANDS_MAX = 65_536;

export interface ClosedTurn {
  readonly turn: Turn;
  readonly bytes: Uint8Array;
  readonly hash: string;
}

export interface Sequencer {
  /** Whether `at` belongs to another second than what is gathered: close first. */
  spans(at: number): boolean;
  /** Gathers accepted marks of market time `at`. */
  offer(at: number, marks: readonly Mark[]): void;
  /** @throws RiskError limit_exceeded when too many commands wait */
  submit(command: Command): void;
  /** Closes a Turn over what is gathered; undefined when there is nothing. */
  close(): ClosedTurn | undefined;
}

/** @param state of the engine that folds these Turns: numbering, names and hash go on from it */
export function openSequencer(state: EngineState): Sequencer {
  const marks = new Map<string, Mark>();
  const index = new Map<string, Gathered>();
  let commands: Command[] = [];
  let at = 0;
  let lastTick = Number.NEGATIVE_INFINITY;
  let touched = false;

  return {
    spans: (next) => touched && Math.floor(next / 1000) !== Math.floor(at / 1000),
    offer(time, batch) {
      at = Math.max(at, time);
      touched = true;
      for (const mark of batch) {
        marks.set(mark.id, mark);
        if (state.market.underlyings.has(mark.id)) gather(index, mark);
      }
    },
    submit(command) {
      if (commands.length >= COMMANDS_MAX) {
        throw new RiskError("limit_exceeded", {
          path: "commands",
          expected: `at most ${COMMANDS_MAX} waiting`,
        });
      }
      commands.push(command);
    },
    close() {
      if (!touched && commands.length === 0) return undefined;
      if (at - lastTick >= TICK_MS) {
        commands.push({ kind: "Tick" });
        lastTick = at;
      }
      const turn: Turn = {
        partition: state.partition,
        lineage: state.lineage,
        seq: state.seq + 1,
        at,
        prevHash: state.lastHash,
        marks: [...marks.values()]
          .map(({ id, value, extra }) => ({ ordinal: ordinalOf(state, id), value, extra }))
          .sort((a, b) => a.ordinal - b.ordinal),
        index: [...index]
          .map(([id, bar]) => ({ ordinal: ordinalOf(state, id), ...bar }))
          .sort((a, b) => a.ordinal - b.ordinal),
        commands,
      };
      marks.clear();
      index.clear();
      commands = [];
      touched = false;
      const bytes = encodeTurn(turn);
      return { turn, bytes, hash: createHash("sha256").update(bytes).digest("hex") };
    },
  };
}

type Gathered = Omit<TurnIndex, "ordinal">;

function gather(index: Map<string, Gathered>, { id, value }: Mark): void {
  const bar = index.get(id);
  index.set(
    id,
    bar === undefined
      ? { open: value, high: value, low: value, last: value, count: 1 }
      : {
          open: bar.open,
          high: Math.max(bar.high, value),
          low: Math.min(bar.low, value),
          last: value,
          count: bar.count + 1,
        },
  );
}

/** Names are listed in a Turn before their first mark. */
function ordinalOf(state: EngineState, id: string): number {
  const known = state.ordinals.get(id);
  if (known !== undefined) return known;
  throw new RiskError("unknown_instrument", {
    path: "marks",
    expected: "a name that an earlier Turn listed",
    found: id,
  });
}
