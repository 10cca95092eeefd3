/**
 * Signed rounds of marks: who said them, in which order, and that nobody touched them since.
 *
 *      signature = Ed25519(key of the source, "slidewire/marks/1\n" + canonical JSON of the round
 *                                             without its signature)
 *
 * A round is taken when its source is in the list, its signature fits, and its sequence is above
 * the last one taken of that source: so a recorded round is worth nothing twice. Whether its marks
 * are fit to be used is the guard's to say.
 */
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { SOURCES_MAX } from "../../../config/schema/book.ts";
import { canonicalJson } from "../../../core/canonical.ts";
import { check } from "../../../core/check.ts";
import { RiskError, shown } from "../../../core/errors.ts";
import { list, number, object, optional, type TypeOf, text } from "../../../core/shape.ts";
import type { FeedBatch } from "../feed.ts";

/** Marks of one round. */
export const ROUND_MARKS_MAX = 4_096;
const DOMAIN = "slidewire/marks/1\n";
/** What stands before the 32 bytes of a raw Ed25519 key in its DER form (RFC 8410). */
const DER_HEAD = Buffer.from("302a300506032b6570032100", "hex");

const name = text({ max: 64 });
const hex = (digits: number) =>
  text({ min: digits, max: digits, pattern: /^[0-9a-f]*$/, form: `${digits} hex digits` });
const figure = number({ min: -1e300, max: 1e300 });
const whole = number({ min: 0, max: Number.MAX_SAFE_INTEGER, integer: true });

export const roundShape = object({
  source: name,
  sequence: whole,
  /** When the marks were made, ms since the epoch. */
  at: whole,
  marks: list(
    object({ id: name, value: figure, extra: optional(figure), halfWidth: optional(figure) }),
    { min: 1, max: ROUND_MARKS_MAX },
  ),
  signature: hex(128),
});
export type SignedRound = TypeOf<typeof roundShape>;

/** A source that may sign. */
export interface SigningSource {
  readonly source: string;
  /** Raw Ed25519 public key, 64 hex digits. */
  readonly publicKey: string;
}

/** The text whose signature a round carries. */
export function signedText({ signature: _, ...round }: SignedRound): Uint8Array {
  return Buffer.from(DOMAIN + canonicalJson(round));
}

/** @throws RiskError wrong_type for what is no key */
export function publicKeyOf(publicKey: string): KeyObject {
  try {
    const raw = Buffer.from(check(hex(64), publicKey), "hex");
    return createPublicKey({ key: Buffer.concat([DER_HEAD, raw]), format: "der", type: "spki" });
  } catch {
    throw new RiskError("wrong_type", {
      path: "publicKey",
      expected: "an Ed25519 key of 64 hex digits",
      found: shown(publicKey),
    });
  }
}

/**
 * A round as it came from outside, held against its shape, its source's key and the last sequence.
 *
 * @param keys by source
 * @param lastSequence of the source's rounds so far; undefined: there is none
 * @throws RiskError as `check`; forbidden (source), auth_failed (signature), conflict (sequence)
 */
export function verifyRound(
  value: unknown,
  keys: ReadonlyMap<string, KeyObject>,
  lastSequence: (source: string) => number | undefined,
): SignedRound {
  const round = check(roundShape, value);
  const { source, sequence, signature } = round;
  const key = keys.get(source);
  if (key === undefined) throw refusal("forbidden", "source", "a source in the list", source);
  if (!verify(null, signedText(round), key, Buffer.from(signature, "hex"))) {
    throw refusal("auth_failed", "signature", `the signature of ${source}`, "another");
  }
  const last = lastSequence(source);
  if (last !== undefined && sequence <= last) {
    throw refusal("conflict", "sequence", `above ${last}`, String(sequence));
  }
  return round;
}

const refusal = (
  code: "forbidden" | "auth_failed" | "conflict",
  path: string,
  expected: string,
  found: string,
) => new RiskError(code, { path, expected, found: shown(found) });

export interface Rounds {
  /**
   * The round as a batch for the guard, and its sequence taken.
   *
   * @param now when it came, market time in ms
   * @throws RiskError as `verifyRound`; then nothing is taken
   */
  take(value: unknown, now: number): FeedBatch;
  /** The last sequence taken of each source: to go on from after a restart. */
  sequences(): ReadonlyMap<string, number>;
}

/** @throws RiskError out_of_bounds for more sources than the guard hears, wrong_type for a key */
export function openRounds(
  sources: readonly SigningSource[],
  taken: ReadonlyMap<string, number> = new Map(),
): Rounds {
  if (sources.length > SOURCES_MAX) {
    const found = String(sources.length);
    throw new RiskError("out_of_bounds", { expected: `at most ${SOURCES_MAX} sources`, found });
  }
  const keys = new Map(sources.map(({ source, publicKey }) => [source, publicKeyOf(publicKey)]));
  const last = new Map(taken);
  return {
    take(value, now) {
      const round = verifyRound(value, keys, (source) => last.get(source));
      const { source, sequence, at: madeAt } = round;
      last.set(source, sequence);
      const marks = round.marks.map(({ extra = 0, ...mark }) => ({
        ...mark,
        extra,
        source,
        madeAt,
      }));
      return { kind: "marks", at: now, marks };
    },
    sequences: () => last,
  };
}
