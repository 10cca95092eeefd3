/**
 * The account chain as it lies in the store, read by a reader of the simulation's own.
 */
import type { JournalStore } from "../../gateway/journal/store.ts";

export interface ChainCommand {
  readonly seq: number;
  readonly text: string;
}

const FRAME_BYTES = 8;

/** Commands from number `fromSeq` to `toSeq`. */
export function* chainCommands(
  store: JournalStore,
  fromSeq: number,
  toSeq: number,
): Generator<ChainCommand> {
  if (toSeq < fromSeq) return;
  for (const { firstSeq, body } of store.read("account", fromSeq)) {
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
    let seq = firstSeq;
    for (let at = 0; at < bytes.length; seq++) {
      const length = bytes.readUInt32LE(at);
      const from = at + FRAME_BYTES;
      at = from + length;
      if (seq > toSeq) return;
      if (seq >= fromSeq) yield { seq, text: bytes.toString("utf8", from, at) };
    }
  }
}
