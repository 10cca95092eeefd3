/** Commands and Turns whose bytes follow from their numbers, so that a reader can tell them. */
import { createHash } from "node:crypto";
import { encodeTurn, FIRST_HASH } from "../../core/engine/turn.ts";
import type { OrderedList } from "../../gateway/journal/list.ts";

const MARKS = 200;

/** Of different lengths, some larger than a page. */
export function commandOf(seq: number): Uint8Array {
  const pad = "x".repeat((seq * 7_919) % 300) + (seq % 97 === 0 ? "y".repeat(9_000) : "");
  return new TextEncoder().encode(JSON.stringify({ command: seq, pad }));
}

/** Makes the Turns that follow what the list holds, one after the other. */
export async function turnsAfter(
  turns: Pick<OrderedList, "lastSeq" | "read">,
  lineage: string,
): Promise<() => Uint8Array> {
  let seq = turns.lastSeq();
  let prevHash = FIRST_HASH;
  for await (const { bytes } of turns.read(Math.max(seq, 1))) prevHash = sha256(bytes);
  const marks = Array.from({ length: MARKS }, (_, ordinal) => ({ ordinal, value: 1, extra: 0 }));
  return () => {
    seq += 1;
    const content = { marks, index: [], commands: [] };
    const bytes = encodeTurn({ partition: 0, lineage, seq, at: seq, prevHash, ...content });
    prevHash = sha256(bytes);
    return bytes;
  };
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
