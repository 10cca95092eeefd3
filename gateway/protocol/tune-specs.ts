/**
 * The methods that tune a regime, declared: who may ask, who may decide.
 *
 *      regime:read      looks at the regime, not at what a change would do to everybody
 *      regime:propose   asks for a change: it waits
 *      regime:approve   lets another's proposal into the list; freezes, alone and at once
 */
import type { Tree } from "../../core/patch.ts";
import { either, flag, map, number, optional, text } from "../../core/shape.ts";
import { NAME_CHARACTERS_MAX } from "./limits.ts";
import { declare } from "./method.ts";

/** Characters of a reason. */
export const REASON_CHARACTERS_MAX = 500;
/** Lines of history in one answer. */
export const HISTORY_LINES_MAX = 256;
/** Parameters in one proposal. */
const CHANGES_MAX = 64;

const READ = "regime:read";
const PROPOSE = "regime:propose";
export const APPROVE = "regime:approve";
/** Previews tell the totals of all accounts. */
const EITHER = `${PROPOSE}/${APPROVE}`;

const underlying = text({ max: NAME_CHARACTERS_MAX, meaning: "underlying" });
const reason = text({
  max: REASON_CHARACTERS_MAX,
  // Letters, digits, signs; not those that are drawn as nothing.
  pattern: /(?![\p{DI}\u2800])[\p{L}\p{N}\p{P}\p{S}]/u,
  form: `1 to ${REASON_CHARACTERS_MAX} characters, one of them visible`,
  meaning: "why, for the audit; kept without the blanks around it",
});
const hash = (meaning: string) =>
  text({ min: 64, max: 64, pattern: /^[0-9a-f]{64}$/, form: "64 hex digits", meaning });
const count = (meaning: string) =>
  number({ min: 0, max: Number.MAX_SAFE_INTEGER, integer: true, meaning });
const expectedVersion = count("the regime's version as the asker knows it");
const proposal = text({ max: NAME_CHARACTERS_MAX, meaning: "id of an open proposal" });
const asking = { underlying, expectedVersion, reason };

const word = (description: string): Tree => ({ type: "string", description });
const figure = (description: string): Tree => ({ type: "number", description });
const tree = (description: string): Tree => ({ type: "object", description });
const rows = (description: string): Tree => ({
  type: "array",
  items: { type: "object" },
  description,
});
const treeOrNull = (description: string): Tree => ({ type: ["object", "null"], description });
const proposed = {
  proposal: word("its id"),
  underlying: word("the underlying"),
  expectedVersion: figure("the version that it is for"),
  wanted: tree("what it would change"),
  approvableMs: figure("market time from which it may be approved, ms"),
  expiresMs: figure("market time after which it is void, ms"),
} as const;
const applied = {
  seq: figure("number of the command in the account chain"),
  lineage: word("the chain's identity"),
  durable: { type: "boolean", description: "it was on disk before it was folded" },
  version: figure("the regime's version from now on"),
} as const;

export const tuneSpecs = {
  regimeGet: declare({
    name: "regime.get",
    summary: "What a regime publishes, what holds it, and what is open about it.",
    scope: READ,
    cost: 2,
    params: { underlying },
    result: {
      turn: figure("number of the newest folded turn"),
      at: figure("its market time, ms"),
      underlying: word("the underlying"),
      version: figure("decisions about it so far"),
      termsVersion: word("version of the class's terms that it began with"),
      regime: tree("figures and evidence, as on the stream"),
      frozen: { type: "boolean" },
      override: treeOrNull("{range, untilMs}"),
      proposals: rows("open proposals, oldest first"),
    },
    once: true,
  }),
  regimeParams: declare({
    name: "regime.params",
    summary: "Every parameter that may be tuned: its value now, its bounds, its meaning.",
    scope: READ,
    cost: 2,
    params: { underlying },
    result: {
      underlying: word("the underlying"),
      version: figure("decisions about it so far"),
      params: rows("{path, value, classValue, min, max, all, unit, meaning, reason}"),
    },
    once: true,
  }),
  regimePropose: declare({
    name: "regime.propose",
    summary:
      "Proposes parameters, or the challenger's coefficients; replaces the caller's open proposal.",
    scope: PROPOSE,
    cost: 10,
    params: {
      ...asking,
      changes: optional(
        map(
          text({ max: 64, meaning: "path of a parameter" }),
          either([number({ min: -1e9, max: 1e9 }), text({ max: 16 })]),
          { max: CHANGES_MAX, meaning: "wanted values by path; this or `coefficients`" },
        ),
      ),
      coefficients: optional(
        map(text({ max: 32 }), number({ min: -1e9, max: 1e9 }), {
          ...{ max: CHANGES_MAX, meaning: "intercept, day, week, month, level of the HAR fit" },
        }),
      ),
    },
    result: proposed,
    once: true,
  }),
  regimeOverride: declare({
    name: "regime.override",
    summary: "Proposes a range in place of the target, until it expires.",
    scope: PROPOSE,
    cost: 10,
    params: {
      ...asking,
      range: number({ min: 0.01, max: 0.9, meaning: "fraction, within the regime's bounds" }),
      untilMs: count("market time at which it ends, ms; at most 30 days ahead"),
    },
    result: proposed,
    once: true,
  }),
  regimeRelease: declare({
    name: "regime.release",
    summary: "Proposes to end a freeze and an override.",
    scope: PROPOSE,
    cost: 10,
    params: asking,
    result: proposed,
    once: true,
  }),
  regimeRollback: declare({
    name: "regime.rollback",
    summary: "Proposes the parameters of an earlier version, as a new one.",
    scope: PROPOSE,
    cost: 10,
    params: { ...asking, version: count("whose parameters to bring back") },
    result: proposed,
    once: true,
  }),
  regimePreview: declare({
    name: "regime.preview",
    summary: "What a proposal would do: study, shadow, everybody's margin. Its hash is approved.",
    scope: EITHER,
    cost: 50,
    params: { proposal },
    result: {
      hash: word("SHA-256 of the canonical JSON of `preview`; it stands for the caller alone"),
      preview: tree("study old beside new, shadow, what-if over all accounts"),
    },
    once: true,
  }),
  regimePreviewed: declare({
    name: "regime.previewed",
    summary: "The preview on which a decision was approved, by the hash that the history tells.",
    scope: EITHER,
    cost: 5,
    params: { hash: hash("of `by.hash` in a line of the history") },
    result: {
      hash: word("SHA-256 of the canonical JSON of `preview`, checked"),
      preview: tree("as it was approved"),
    },
    once: true,
  }),
  regimeApprove: declare({
    name: "regime.approve",
    summary: "Lets another principal's proposal into the list.",
    scope: APPROVE,
    cost: 10,
    params: {
      proposal,
      hash: hash("of what the caller was shown by `regime.preview`"),
    },
    result: applied,
    once: true,
  }),
  regimeFreeze: declare({
    name: "regime.freeze",
    summary: "Holds what is published until a release; one person decides it, at once.",
    scope: APPROVE,
    cost: 5,
    params: {
      ...{ underlying, reason },
      allowEmergency: optional(
        flag({ meaning: "whether a sudden move or long silence may still widen; default true" }),
      ),
    },
    result: applied,
    once: true,
  }),
  regimeHistory: declare({
    name: "regime.history",
    summary: "Decisions, newest first: what, before and after, who, why, and the hash they saw.",
    scope: READ,
    cost: 5,
    params: {
      underlying: optional(underlying),
      limit: optional(
        number({ min: 1, max: HISTORY_LINES_MAX, integer: true, meaning: "most lines" }),
      ),
      before: optional(count("only lines of a smaller seq")),
    },
    result: { lines: rows("{seq, at, underlying, version, what, …, by}") },
    once: true,
  }),
} as const;
