/**
 * The marks of one `marks.put`, as their source says them: plain, or as a round that it signed.
 *
 *      {source, marks}                                     a source without a public key
 *      {source, sequence, at, marks, signature}            one with it: nothing else is heard
 *
 * What is signed is in guard/round.ts. The last sequence of each source is kept while the gateway
 * runs; after a restart an old round is refused by its age.
 */
import { RiskError } from "../../core/errors.ts";
import type { FeedMark, FeedSource } from "./feed.ts";
import { openRounds, type SigningSource } from "./guard/round.ts";

/** A mark as a sender writes it. */
export interface SaidMark {
  readonly id: string;
  readonly value: number;
  readonly extra?: number;
  /** When it was made, ms since the epoch; absent: now. A round says it once, for all. */
  readonly madeAt?: number;
  /** Half-width of the range that the source is sure of, in units of the value; absent: 0. */
  readonly halfWidth?: number;
}

export interface Said {
  readonly marks: readonly SaidMark[];
  /** Of a round: its number, strictly increasing by source, and when it was made, ms. */
  readonly sequence?: number;
  readonly at?: number;
  /** Ed25519, 128 hex digits. */
  readonly signature?: string;
}

/**
 * @param now market time that they are heard at, ms
 * @throws RiskError missing_field or auth_failed (signature), conflict (sequence), forbidden for a
 *   round of a source without a key; what a round's shape refuses
 */
export type Hearing = (said: Said, source: string, now: number) => readonly FeedMark[];

/** @throws RiskError wrong_type for a public key that is none */
export function openHearing(sources: readonly FeedSource[]): Hearing {
  const signing = sources.flatMap(({ name: source, publicKey }): SigningSource[] =>
    publicKey === undefined ? [] : [{ source, publicKey }],
  );
  const keyed = new Set(signing.map(({ source }) => source));
  const rounds = openRounds(signing);
  return ({ marks, ...round }, source, now) => {
    const { sequence, at, signature } = round;
    const isRound = sequence !== undefined || at !== undefined || signature !== undefined;
    if (!isRound && !keyed.has(source)) {
      return marks.map(({ extra = 0, ...mark }) => ({ ...mark, extra, source }));
    }
    return atDoor(() => rounds.take({ ...round, source, marks }, now).marks);
  };
}

/** A refusal's path as the sender wrote it. */
function atDoor<T>(take: () => T): T {
  try {
    return take();
  } catch (error) {
    if (!(error instanceof RiskError) || error.kind === "fault") throw error;
    const { path } = error.detail;
    const detail = path === undefined ? error.detail : { ...error.detail, path: `params.${path}` };
    throw new RiskError(error.code, detail, { cause: error });
  }
}
