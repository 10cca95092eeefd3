/**
 * `slidewire replay DATA`: the journal folded again, to its end or to any moment of it.
 *
 *      --state-hash   one line: which state that is, and the code that made it
 *      otherwise      the statement of every account as it was, a line each with --json
 *      --terms        the same history under other terms: what if
 */
import { loadTerms } from "../../config/terms.ts";
import { RiskError, shown } from "../../core/errors.ts";
import { statementDocument } from "../../core/margin/rounding.ts";
import type { Terms } from "../../core/terms.ts";
import type { WireTree as Tree } from "../board.ts";
import { readData } from "../data-folder.ts";
import { momentOf } from "../feed/moment.ts";
import { figureless, figuresOf, pricedFigures, statementOf } from "../figures.ts";
import { kernelHash, stateHash } from "../journal/state-hash.ts";
import { type Moment, marginsOf, type Replayed, replayTo } from "../replay.ts";
import { statementTable } from "./statement-table.ts";
import type { FlagValues, Verb } from "./verb.ts";

export const replayVerb: Verb = {
  name: "replay",
  usage: "DATA",
  summary: "fold a journal again to any moment: the margins as they were, or under other terms",
  flags: ["until", "terms", "state-hash", "json", "raw"],
  positionals: [1, 1],
  example: "slidewire replay data --until 2026-01-31T08:00:00Z --terms deribit-pm --json",
  run: replay,
};

async function replay(flags: FlagValues): Promise<number> {
  const until = untilOf(flags.text("until"));
  const named = flags.text("terms");
  const terms = named === undefined ? undefined : loadTerms(named, { from: process.cwd() });
  const { chains, snapshots, close } = readData(flags.positional[0]!);
  try {
    const replayed = await replayTo({
      ...{ chains, snapshots },
      terms: loadTerms("slidewire"),
      ...(until === undefined ? {} : { until }),
    });
    if (flags.has("state-hash")) {
      const { state, regimes, pairs } = replayed.base;
      const { seq, lineage } = state;
      const hashes = { stateHash: stateHash(state, regimes, pairs), kernelHash: kernelHash() };
      process.stdout.write(`${JSON.stringify({ seq, lineage, ...hashes })}\n`);
      return 0;
    }
    const asJson = flags.has("json") || flags.has("raw");
    for (const statement of statements(replayed, terms, flags.has("raw"))) {
      process.stdout.write(asJson ? `${JSON.stringify(statement)}\n` : statementTable(statement));
    }
    return 0;
  } finally {
    close();
  }
}

/** A Turn's number, or a day or moment of market time. */
function untilOf(text: string | undefined): Moment | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) return { at: momentOf(text, "--until") };
  const seq = Number(text);
  if (seq >= 1) return { seq };
  const expected = "a Turn's number from 1 on, or a moment";
  throw new RiskError("out_of_bounds", { path: "--until", expected, found: shown(text) });
}

/** Every account's statement, in order of their names. */
function* statements(replayed: Replayed, terms: Terms | undefined, raw: boolean): Iterable<Tree> {
  const engine = marginsOf(replayed, terms);
  const { state } = engine;
  for (const account of [...state.accounts.keys()].sort()) {
    const live = engine.margin(account);
    if (live === undefined) yield figureless(account, engine.missing(account));
    else {
      const figures = statementOf(pricedFigures(figuresOf(state, live), live), state, live);
      const document = statementDocument(figures, state.terms.step);
      yield raw ? { ...document, raw: figures } : document;
    }
  }
}
