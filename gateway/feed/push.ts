/**
 * A feed without a market of its own: what is listed stands in a file, and marks are put by whoever
 * holds `marks:write` (marks-port.ts).
 *
 * It says nothing but that time passes, once a second by the clock, so that what nobody marks any
 * more grows old and options decay. Who marks stands in the file too; where it says nothing, all
 * marks are of one source that nobody vouches for.
 */
import { readFileSync } from "node:fs";
import { parseDocument } from "../../config/document.ts";
import { parseListing, parseSources } from "../../config/listing.ts";
import { RiskError } from "../../core/errors.ts";
import type { Clock } from "../clock.ts";
import { heartbeat } from "./batch.ts";
import type { Feed, FeedEvent } from "./feed.ts";
import type { Resume } from "./resume.ts";

/** Bars that the regime folds on. */
export const PUSH_BAR_MS = 60_000;
/** Between two heartbeats: a Tick is due once a second. */
export const PUSH_BEAT_MS = 1_000;

export interface PushOptions {
  /** A listing or a book document. */
  readonly file: string;
  readonly clock: Pick<Clock, "now" | "after">;
  readonly resume?: Resume;
}

/** @throws RiskError `unreadable_file`, or what is wrong with the document, by its path */
export function openPush({ file, clock, resume }: PushOptions): Feed {
  const document = parseDocument(textOf(file), file);
  const listing = parseListing(document);
  const now = () => Math.max(Math.floor(clock.now()), resume?.at ?? 0);
  return {
    name: "push",
    ...declaredOf(document),
    barMs: PUSH_BAR_MS,
    startMs: now(),
    startIndex: resume?.index ?? new Map(),
    listing,
    async *warm() {},
    events: () => beats(now, clock),
  };
}

/** Sources as the document declares them. */
function declaredOf(document: unknown): Pick<Feed, "sources" | "trusted"> {
  const { sources, trusted } = parseSources(document);
  return { sources: sources.length === 0 ? [{ name: "push" }] : sources, trusted };
}

async function* beats(
  now: () => number,
  clock: Pick<Clock, "after">,
): AsyncGenerator<FeedEvent, never> {
  for (;;) {
    yield heartbeat(now());
    await new Promise<void>((beat) => {
      clock.after(PUSH_BEAT_MS, beat);
    });
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new RiskError("unreadable_file", {
      path: file,
      expected: "a listing or book document",
      found: (error as NodeJS.ErrnoException).code ?? "an error",
    });
  }
}
