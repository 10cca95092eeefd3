/**
 * Marks that are sent to the gateway: whoever may, puts them, and they pass the guard like any
 * feed's.
 *
 *      put ─► a moment of market time ─► guard ─► Turn ─► {accepted, refused, reasons}
 *
 * A batch is one moment. Where this is the only feed, the wall clock tells it; beside another one,
 * that one's market time does. Each batch is at least a millisecond after the newest Turn, so that
 * the newer of two is never taken for a copy of the other.
 */
import { canonicalJson } from "../../core/canonical.ts";
import type { EngineState } from "../../core/engine/state.ts";
import { RiskError } from "../../core/errors.ts";
import type { Flow } from "../flow.ts";
import type { Feed, FeedEvent, FeedMark } from "./feed.ts";
import { openHearing, type Said } from "./hearing.ts";
import { byHand, voiceOf } from "./voice.ts";

/** How far batches in a row may run ahead of the clock, ms. */
export const AHEAD_MS_MAX = 1_000;
/** Idempotency keys whose answers are remembered, over all senders; the oldest go first. */
export const PUT_KEYS_MAX = 1_024;

export interface PutParams extends Said {
  /** Who says so, among the declared sources; absent: the sender's own. */
  readonly source?: string;
  readonly idempotencyKey?: string;
}

export interface PutAnswer {
  /** Market time that they were taken at, ms since the epoch. */
  readonly at: number;
  /** Newest folded Turn. */
  readonly turn: number;
  readonly accepted: number;
  /** Ids of the others, how many of them were refused for what, and each one's reason. */
  readonly refused: readonly string[];
  readonly reasons: Readonly<Record<string, number>>;
  readonly why: Readonly<Record<string, string>>;
  readonly replayed: boolean;
}

export interface MarksPort {
  /**
   * Offers a batch; the Turn that holds what passed is folded when this returns.
   *
   * @param sender key id: idempotency keys are its own
   * @throws RiskError as voice and hearing; `unsupported`: an id twice; `conflict`: the key with
   *   other marks; `rate_limited`: more batches than the clock has milliseconds
   */
  put(params: PutParams, sender: string): PutAnswer;
}

export interface MarksPortOptions {
  readonly flow: Pick<Flow, "guard" | "onTurn"> & {
    readonly engine: { readonly state: EngineState };
  };
  /** Where the event goes: `flow.accept`, or what stands before it. */
  readonly accept: (event: FeedEvent) => unknown;
  /** Market time by now, ms since the epoch. */
  readonly now: () => number;
  /** Whose marks they may be; absent: nobody's, beside a feed that is trusted. */
  readonly feed?: Pick<Feed, "name" | "sources">;
}

/** Market time as the clock tells it, for a gateway that has no other feed. */
export const clockTime =
  ({ now }: { now(): number }) =>
  () =>
    Math.floor(now());
/** Market time as the feed beside it has it. */
export const flowTime =
  ({ engine: { state } }: MarksPortOptions["flow"]) =>
  () =>
    state.at;

interface Remembered {
  readonly text: string;
  readonly answer: PutAnswer;
}

export function openMarksPort(options: MarksPortOptions): MarksPort {
  const { feed } = options;
  const voice = feed === undefined ? byHand : voiceOf(feed);
  const hear = openHearing(feed?.sources ?? []);
  const remembered = new Map<string, Remembered>();
  function nextMoment(): number {
    const now = options.now();
    const at = Math.max(now, options.flow.engine.state.at + 1);
    if (at - now <= AHEAD_MS_MAX) return at;
    const expected = "at most one batch a millisecond";
    throw new RiskError("rate_limited", { expected, retryAfterMs: at - now });
  }

  return {
    put({ source: asked, idempotencyKey, ...said }, sender) {
      const source = voice(asked, sender);
      const name = `${sender} ${idempotencyKey}`;
      const text = canonicalJson({ ...said, source });
      const before = idempotencyKey === undefined ? undefined : remembered.get(name);
      if (before !== undefined) return replayOf(before, text);
      refuseRepeats(said.marks);
      const at = nextMoment();
      const answer = offered(options, at, hear(said, source, at));
      if (idempotencyKey !== undefined) remember(remembered, name, { text, answer });
      return answer;
    },
  };
}

function replayOf({ text, answer }: Remembered, now: string): PutAnswer {
  if (text === now) return { ...answer, replayed: true };
  const detail = { path: "params.idempotencyKey", expected: "the marks that were sent with it" };
  throw new RiskError("conflict", { ...detail, found: "others", retryable: false });
}

function remember(all: Map<string, Remembered>, name: string, one: Remembered): void {
  if (all.size >= PUT_KEYS_MAX) all.delete(all.keys().next().value!);
  all.set(name, one);
}

function refuseRepeats(marks: PutParams["marks"]): void {
  const seen = new Set<string>();
  for (const [i, { id }] of marks.entries()) {
    if (seen.has(id)) {
      const detail = { path: `params.marks[${i}].id`, expected: "each id once" };
      throw new RiskError("unsupported", { ...detail, found: id });
    }
    seen.add(id);
  }
}

/** What became of the marks is read off the Turns that they closed and off the guard. */
function offered(
  { flow, accept }: MarksPortOptions,
  at: number,
  marks: readonly FeedMark[],
): PutAnswer {
  const { guard, engine } = flow;
  const passed = new Set<string>();
  const stop = flow.onTurn((turn) => {
    for (const { ordinal } of turn.marks) passed.add(engine.state.names[ordinal]!.id);
  });
  try {
    accept({ kind: "marks", at, marks });
  } finally {
    stop();
  }
  const why = [...guard.why()];
  const counts = new Map<string, number>();
  for (const [, reason] of why) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const refused = marks.filter(({ id }) => !passed.has(id)).map(({ id }) => id);
  return {
    at,
    turn: engine.state.seq,
    accepted: marks.length - refused.length,
    refused,
    reasons: Object.fromEntries(counts),
    why: Object.fromEntries(why),
    replayed: false,
  };
}
