/**
 * Commands on their way to disk: each is written before a Turn may hold it, in the order of
 * admission.
 *
 *      admitted ─► append to the account chain ─► durable ─► released to the sequencer
 *                                              └► refused ─► it and all behind it are forgotten
 *
 * A chain in memory answers at once, so a command can join the Turn that closes next. One on disk
 * answers later; marks go on meanwhile. When a write fails, those behind it were numbered after it
 * and cannot stand: they fail as well, the state ahead is what it was, and the next command is a
 * new attempt.
 */
import type { Admitted } from "../core/engine/admission.ts";
import { commandText } from "../core/engine/command-text.ts";
import type { OrderedList } from "./journal/list.ts";
import type { LeftCommand, Sequencer } from "./sequencer.ts";

export interface CommandChain {
  /** Writes an admitted command; resolves when it is durable, at once where the list answers so. */
  write(admitted: Admitted): Promise<void> | undefined;
}

export interface ChainEvents {
  /** Commands became durable later than at once. */
  released(): void;
  /** These commands, newest last, were taken back. */
  failed(error: unknown, taken: readonly LeftCommand[]): void;
}

export function openCommandChain(
  list: OrderedList,
  sequencer: Sequencer,
  events: ChainEvents,
): CommandChain {
  let attempt = 0;

  async function afterwards(written: Promise<void>, seq: number, of: number): Promise<void> {
    try {
      await written;
    } catch (error) {
      // The first failure takes back everything behind it; the failures of those say nothing new.
      if (of === attempt) {
        attempt += 1;
        events.failed(error, sequencer.retract(seq));
      }
      throw error;
    }
    sequencer.release(seq);
    events.released();
  }

  return {
    write({ seq, command }) {
      const bytes = new TextEncoder().encode(commandText(command));
      let written: Promise<void> | void;
      try {
        written = list.append([bytes], seq);
      } catch (error) {
        events.failed(error, sequencer.retract(seq));
        throw error;
      }
      if (written instanceof Promise) return afterwards(written, seq, attempt);
      sequencer.release(seq);
      return undefined;
    },
  };
}
