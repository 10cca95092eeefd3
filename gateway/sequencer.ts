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
import {
  type Admission,
  type AdmissionOptions,
  type Admitted,
  openAdmission,
} from "../core/engine/admission.ts";
import type { Command, Submission } from "../core/engine/command.ts";
import { EARLIEST_MS, isInstant } from "../core/engine/instant.ts";
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

export type SubmitOptions = Pick<AdmissionOptions, "expectedVersion">;

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
  submit(submission: unknown, options?: SubmitOptions): Admitted;
  /**
   * Takes up commands that are durable and in no Turn yet, before anything else: those that a stop
   * left behind. They were admitted once and are not checked again.
   */
  resume(left: readonly LeftCommand[]): void;
  /** The state as the waiting commands will leave it. */
  ahead(): EngineState;
  /** Commands up to number `seq` are durable and may join the next Turn. */
  release(seq: number): void;
  /**
   * Forgets the commands numbered `from` and later, and tells them: they could not be written.
   */
  retract(from: number): readonly LeftCommand[];
  /** Market time has come to `at` without marks: the next Turn has a Tick. */
  idle(at: number): void;
  /**
   * Closes a Turn over what is gathered; undefined when there is nothing. Fold it before the next.
   */
  close(): ClosedTurn | undefined;
  /** The Turn was folded into the state. */
  folded(): void;
}

/** A command by its number in the account chain. */
export interface LeftCommand {
  readonly seq: number;
  readonly command: Submission;
}

interface Waiting extends LeftCommand {
  readonly bytes: number;
}

/** @param state of the engine that folds these Turns: numbering, names and hash go on from it */
export function openSequencer(state: EngineState): Sequencer {
  return new TurnSequencer(state);
}

class TurnSequencer implements Sequencer {
  readonly #state: EngineState;
  readonly #admission: Admission;
  readonly #marks = new Map<string, Mark>();
  readonly #index = new Map<string, Gathered>();
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #released = 0;
  #at = EARLIEST_MS;
  /** Something was gathered, if only the time. */
  #touched = false;
  #ticks = false;

  constructor(state: EngineState) {
    this.#state = state;
    this.#admission = openAdmission(state);
  }

  spans(at: number): boolean {
    return this.#touched && at > this.#at && secondOf(at) !== secondOf(this.#at);
  }

  offer(at: number, marks: readonly Mark[]): void {
    if (this.spans(at)) {
      const detail = { path: "turn.at", expected: `the second of ${this.#at}`, found: String(at) };
      throw new RiskError("invariant_broken", detail);
    }
    this.#pass(at);
    const { underlyings, currencies, instruments } = this.#state.market;
    for (const mark of marks) {
      const { id } = mark;
      if (!underlyings.has(id) && !currencies.has(id) && !instruments.has(id)) continue;
      this.#marks.set(id, mark);
      if (underlyings.has(id)) gather(this.#index, mark);
    }
  }

  submit(submission: unknown, options: SubmitOptions = {}): Admitted {
    const bytes = Buffer.byteLength(canonicalJson(submission));
    refuseOverload(bytes, this.#waiting.length, this.#waitingBytes);
    const admitted = this.#admission.admit(submission, { ...options, at: this.#time() });
    if (admitted.replayed) return admitted;
    this.#waiting.push({ seq: admitted.seq, command: admitted.command, bytes });
    this.#waitingBytes += bytes;
    return admitted;
  }

  resume(left: readonly LeftCommand[]): void {
    const bytesOf = (command: Submission) => Buffer.byteLength(canonicalJson(command));
    this.#keep(left.map(({ seq, command }) => ({ seq, command, bytes: bytesOf(command) })));
    this.release(left.at(-1)?.seq ?? 0);
    this.folded();
  }

  ahead(): EngineState {
    return this.#admission.ahead();
  }

  release(seq: number): void {
    this.#released = Math.max(this.#released, seq);
  }

  retract(from: number): readonly LeftCommand[] {
    const kept = this.#waiting.filter(({ seq }) => seq < from);
    const taken = this.#waiting.slice(kept.length);
    this.#keep(kept);
    this.folded();
    return taken;
  }

  idle(at: number): void {
    this.#pass(Math.floor(at));
    this.#ticks = true;
  }

  close(): ClosedTurn | undefined {
    const commands: Command[] = this.#joining();
    if (!this.#touched && commands.length === 0) return undefined;
    const at = this.#time();
    if (this.#ticks || at - this.#state.market.asOfMs >= TICK_MS) commands.push({ kind: "Tick" });
    const { partition, lineage, seq, lastHash: prevHash } = this.#state;
    const turn: Turn = {
      ...{ partition, lineage, seq: seq + 1, at, prevHash, commands },
      marks: byOrdinal(this.#marks, this.#state, ({ value, extra }) => ({ value, extra })),
      index: byOrdinal(this.#index, this.#state, (bar) => bar),
    };
    this.#marks.clear();
    this.#index.clear();
    this.#touched = false;
    this.#ticks = false;
    const bytes = encodeTurn(turn);
    return { turn, bytes, hash: createHash("sha256").update(bytes).digest("hex") };
  }

  folded(): void {
    this.#admission.settled(this.#waiting.map(({ command }) => command));
  }

  /** Market time of the Turn that is gathered; it never runs backwards. */
  #time(): number {
    return Math.max(this.#at, this.#state.at);
  }

  #pass(at: number): void {
    if (!isInstant(at)) {
      const detail = { path: "turn.at", expected: "whole ms since the epoch", found: String(at) };
      throw new RiskError("invariant_broken", detail);
    }
    this.#at = Math.max(this.#time(), at);
    this.#touched = true;
  }

  /** Takes the durable commands that one Turn holds. */
  #joining(): Submission[] {
    let bytes = TURN_JSON_BYTES_MAX - COMMAND_BYTES_MAX;
    let count = 0;
    for (const one of this.#waiting) {
      bytes += one.bytes + 1;
      if (one.seq > this.#released || (count > 0 && bytes > TURN_JSON_BYTES_MAX)) break;
      count += 1;
    }
    const taken = this.#waiting.slice(0, count);
    if (count > 0) this.#keep(this.#waiting.slice(count));
    return taken.map(({ command }) => command);
  }

  #keep(waiting: Waiting[]): void {
    this.#waiting = waiting;
    this.#waitingBytes = waiting.reduce((sum, { bytes }) => sum + bytes, 0);
  }
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
