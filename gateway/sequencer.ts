/**
 * The sequencer: gathers what was accepted and closes it into Turns.
 *
 *      marks ── newest per name ──────────────────────┐
 *      index ── open high low last count ─────────────┼─► close ─► Turn, numbered, chained by hash
 *      commands ── admitted ─ on disk ─ in their order ┘
 *
 * A Turn closes when the engine is free, so under load marks conflate and commands never do. It
 * never spans a second of market time: what belongs to the next second closes the one before first.
 * A command joins once it is durable; marks do not wait for it. A Tick joins when a second of
 * market time has passed since the last one, or when somebody says that a second has passed without
 * marks.
 */
import { createHash } from "node:crypto";
import { canonicalJson } from "../core/canonical.ts";
import { type AdmissionOptions, type Admitted, openAdmission } from "../core/engine/admission.ts";
import type { Command, Submission } from "../core/engine/command.ts";
import type { EngineState } from "../core/engine/state.ts";
import { encodeTurn, TURN_JSON_BYTES_MAX, type Turn, type TurnIndex } from "../core/engine/turn.ts";
import { RiskError } from "../core/errors.ts";
import type { Mark } from "../core/mark.ts";

export const TICK_MS = 1000;
/** Commands that may wait for their Turn, and their bytes. */
export const COMMANDS_MAX = 65_536;
export const WAITING_BYTES_MAX = 64 * 1024 * 1024;
/** One command: with a Tick beside it, it fits into a Turn. */
export const COMMAND_BYTES_MAX = TURN_JSON_BYTES_MAX - 64;

export interface ClosedTurn {
  readonly turn: Turn;
  readonly bytes: Uint8Array;
  readonly hash: string;
}

export interface Sequencer {
  /** Whether `at` belongs to another second than what is gathered: close first. */
  spans(at: number): boolean;
  /**
   * Gathers accepted marks of market time `at`; marks of names that no Turn has listed are left
   * out.
   *
   * @throws RiskError invariant_broken when the Turn would span a second
   */
  offer(at: number, marks: readonly Mark[]): void;
  /**
   * Admits a command. It joins no Turn before it is released.
   *
   * @throws RiskError why it may not enter the list, or limit_exceeded when too many wait
   */
  submit(submission: unknown, options?: Pick<AdmissionOptions, "expectedVersion">): Admitted;
  /** The state as the waiting commands will leave it. */
  ahead(): EngineState;
  /** Commands up to number `seq` are durable and may join the next Turn. */
  release(seq: number): void;
  /** Forgets the commands that were not released: they could not be made durable. */
  retract(): void;
  /** Market time has come to `at` without marks: the next Turn has a Tick. */
  idle(at: number): void;
  /**
   * Closes a Turn over what is gathered; undefined when there is nothing. Fold it before the next.
   */
  close(): ClosedTurn | undefined;
  /** The Turn was folded into the state. */
  folded(): void;
}

interface Waiting {
  readonly seq: number;
  readonly command: Submission;
  readonly bytes: number;
}

/** @param state of the engine that folds these Turns: numbering, names and hash go on from it */
export function openSequencer(state: EngineState): Sequencer {
  const admission = openAdmission(state);
  const marks = new Map<string, Mark>();
  const index = new Map<string, Gathered>();
  let waiting: Waiting[] = [];
  let waitingBytes = 0;
  let released = 0;
  let at = 0;
  let touched = false;
  let ticks = false;

  const time = () => Math.max(at, state.at);
  const spans = (next: number) => touched && secondOf(next) !== secondOf(at) && next > at;

  function take(count: number): Submission[] {
    const taken = waiting.slice(0, count);
    waiting = waiting.slice(count);
    for (const { bytes } of taken) waitingBytes -= bytes;
    return taken.map(({ command }) => command);
  }

  /** Durable commands, as many as one Turn holds. */
  function joining(): Command[] {
    let bytes = TURN_JSON_BYTES_MAX - COMMAND_BYTES_MAX;
    let count = 0;
    for (const one of waiting) {
      bytes += one.bytes + 1;
      if (one.seq > released || (count > 0 && bytes > TURN_JSON_BYTES_MAX)) break;
      count += 1;
    }
    return take(count);
  }

  return {
    spans,
    offer(next, batch) {
      if (spans(next)) {
        throw new RiskError("invariant_broken", {
          path: "turn.at",
          expected: `the second of ${at}`,
          found: String(next),
        });
      }
      at = Math.max(time(), next);
      touched = true;
      for (const mark of batch) {
        if (!state.ordinals.has(mark.id)) continue;
        marks.set(mark.id, mark);
        if (state.market.underlyings.has(mark.id)) gather(index, mark);
      }
    },
    submit(submission, options = {}) {
      const bytes = Buffer.byteLength(canonicalJson(submission));
      refuseOverload(bytes, waiting.length, waitingBytes);
      const admitted = admission.admit(submission, { ...options, at: time() });
      if (admitted.replayed) return admitted;
      const { seq, command } = admitted;
      waiting.push({ seq, command, bytes });
      waitingBytes += bytes;
      return admitted;
    },
    ahead: () => admission.ahead(),
    release(seq) {
      released = Math.max(released, seq);
    },
    retract() {
      const kept = waiting.filter(({ seq }) => seq <= released);
      waiting = kept;
      waitingBytes = kept.reduce((sum, { bytes }) => sum + bytes, 0);
      admission.settled(kept.map(({ command }) => command));
    },
    idle(next) {
      at = Math.max(time(), next);
      touched = true;
      ticks = true;
    },
    close() {
      const commands = joining();
      if (!touched && commands.length === 0) return undefined;
      at = time();
      if (ticks || at - state.market.asOfMs >= TICK_MS) commands.push({ kind: "Tick" });
      const turn: Turn = {
        partition: state.partition,
        lineage: state.lineage,
        seq: state.seq + 1,
        at,
        prevHash: state.lastHash,
        marks: byOrdinal(marks, state, ({ value, extra }) => ({ value, extra })),
        index: byOrdinal(index, state, (bar) => bar),
        commands,
      };
      marks.clear();
      index.clear();
      touched = false;
      ticks = false;
      const bytes = encodeTurn(turn);
      return { turn, bytes, hash: createHash("sha256").update(bytes).digest("hex") };
    },
    folded: () => admission.settled(waiting.map(({ command }) => command)),
  };
}

const secondOf = (ms: number): number => Math.floor(ms / 1000);

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

function byOrdinal<T, R extends object>(
  gathered: ReadonlyMap<string, T>,
  { ordinals }: EngineState,
  shaped: (one: T) => R,
): (R & { readonly ordinal: number })[] {
  return [...gathered]
    .map(([id, one]) => ({ ordinal: ordinals.get(id)!, ...shaped(one) }))
    .sort((a, b) => a.ordinal - b.ordinal);
}

function refuseOverload(bytes: number, count: number, waiting: number): void {
  if (bytes > COMMAND_BYTES_MAX) throw tooMuch(`at most ${COMMAND_BYTES_MAX} bytes`, bytes);
  if (count >= COMMANDS_MAX) throw tooMuch(`fewer than ${COMMANDS_MAX} waiting`, count);
  if (waiting + bytes <= WAITING_BYTES_MAX) return;
  throw tooMuch(`at most ${WAITING_BYTES_MAX} bytes waiting`, waiting + bytes);
}

const tooMuch = (expected: string, found: number) =>
  new RiskError("limit_exceeded", { path: "commands", expected, found: String(found) });
