/**
 * Contradictions that no single field shows: what each term allows alone and another forbids.
 *
 * Most guard a promise of the model. On a ladder a requirement never falls when the range grows, so
 * nothing may stand there that shrinks with it; a charge that is not convex cannot bound its
 * orders.
 */
import { isTree, join } from "../core/check.ts";
import { RiskError } from "../core/errors.ts";
import type { Tree } from "../core/patch.ts";
import type { TermsDocument } from "./schema/terms.ts";

type UnderlyingDocument = TermsDocument["perUnderlying"][string];
type Scenarios = UnderlyingDocument["scenarios"];

/** Most price nodes on one side of a ladder. */
export const LADDER_NODES_MAX = 200;

/**
 * @param merged the document before defaults: what it names, and what it leaves open
 * @throws RiskError `terms_invalid` or `missing_field`
 */
export function refuseContradictions(document: TermsDocument, merged: Tree, path: string): void {
  const blocks = [
    ["perUnderlying", document.perUnderlying, merged["perUnderlying"]],
    ...Object.entries(document.assetClasses).map(
      ([name, entries]) =>
        [`assetClasses.${name}`, entries, (merged["assetClasses"] as Tree)[name]] as const,
    ),
  ] as const;
  for (const [block, entries, named] of blocks) {
    for (const [name, entry] of Object.entries(entries)) {
      const given = isTree(named) && isTree(named[name]) ? named[name] : {};
      checkUnderlying(entry, given, join(join(path, block), name));
    }
  }
  for (const [name, { tiers }] of Object.entries(document.collateral)) {
    ascending(
      tiers.map(({ aboveUsd }) => aboveUsd),
      `${join(join(path, "collateral"), name)}.tiers`,
    );
  }
  checkGroups(document, join(path, "offsets"));
}

function checkUnderlying(entry: UnderlyingDocument, given: Tree, path: string): void {
  checkRange(entry, given, path);
  if (entry.scenarios.rows !== null) checkRows(entry, `${path}.regime.mode`);
  else if (entry.scenarios.recipe === "ladder") checkLadder(entry.scenarios, `${path}.scenarios`);
  checkTails(entry.scenarios, `${path}.scenarios.tails`);
  checkVol(entry.vol, `${path}.vol`);
  checkCharges(entry, path);
}

/** The price range has a default only where nothing reads it. */
function checkRange(
  { scenarios, liquidity, conversion }: UnderlyingDocument,
  given: Tree,
  path: string,
) {
  const { rows, recipe, tails } = scenarios;
  const needed =
    (rows === null && recipe !== "none") ||
    (rows === null && tails !== null && tails.weights === null) ||
    liquidity !== null ||
    conversion === "rangeEdge";
  const named = isTree(given["scenarios"]) && given["scenarios"]["slideRange"] !== undefined;
  if (needed && !named) {
    throw new RiskError("missing_field", {
      path: `${path}.scenarios.slideRange`,
      expected: "number 0.01 to 0.9 (fraction)",
      found: "nothing",
    });
  }
}

function checkRows({ regime }: UnderlyingDocument, path: string): void {
  const may = regime.mode === "off" || regime.mode === "scale";
  if (!may) throw contradiction(path, "off or scale beside explicit rows", regime.mode);
}

function checkLadder({ ladder, slideRange, tails }: Scenarios, path: string): void {
  const nodes = ladder.max / ladder.step;
  if (Math.abs(nodes - Math.round(nodes)) > 1e-9 || Math.round(nodes) < 2) {
    throw contradiction(`${path}.ladder.max`, "a whole number of steps, at least 2", String(nodes));
  }
  if (nodes > LADDER_NODES_MAX + 0.5) {
    throw contradiction(`${path}.ladder.step`, `at most ${LADDER_NODES_MAX} steps`, String(nodes));
  }
  if (slideRange > ladder.max - ladder.step + 1e-9) {
    throw contradiction(
      `${path}.slideRange`,
      `at most the ladder's max less a step, ${ladder.max - ladder.step}`,
      String(slideRange),
    );
  }
  if (tails === null) return;
  if (tails.factor < 1) {
    throw contradiction(`${path}.tails.factor`, "at least 1 on a ladder", String(tails.factor));
  }
  if (tails.linear === "clampAtRange") {
    throw contradiction(`${path}.tails.linear`, "slide on a ladder", tails.linear);
  }
}

function checkTails({ tails }: Scenarios, path: string): void {
  if (tails === null) return;
  const still = tails.moves.indexOf(0);
  if (still >= 0) throw contradiction(`${path}.moves[${still}]`, "a move", "0");
  if (tails.weights !== null && tails.weights.length !== tails.moves.length) {
    const expected = `${tails.moves.length}, one for each move`;
    throw contradiction(`${path}.weights`, expected, String(tails.weights.length));
  }
}

function checkVol(vol: UnderlyingDocument["vol"], path: string): void {
  const rules = Array.isArray(vol) ? vol : [vol];
  for (const [i, rule] of rules.entries()) {
    const at = Array.isArray(vol) ? `${path}[${i}]` : path;
    if (rule.tenorTable === null) continue;
    const days = (rule.tenorTable as readonly { days: number }[]).map((entry) => entry.days);
    ascending(days, `${at}.tenorTable`);
  }
}

function checkCharges({ charges, liquidity, scenarios }: UnderlyingDocument, path: string): void {
  const { minimumDelta } = charges;
  if (minimumDelta !== null && minimumDelta.net < minimumDelta.hedged / 2) {
    throw contradiction(
      `${path}.charges.minimumDelta.net`,
      `at least half of hedged, ${minimumDelta.hedged / 2}`,
      String(minimumDelta.net),
    );
  }
  if (liquidity === null) return;
  const at = `${path}.liquidity.tiers`;
  ascending(
    liquidity.tiers.map(({ above }) => above),
    at,
  );
  for (const [i, tier] of liquidity.tiers.entries()) {
    const before = liquidity.tiers[i - 1]?.multiplier ?? 1;
    if (tier.multiplier < before) {
      throw contradiction(`${at}[${i}].multiplier`, `at least ${before}`, String(tier.multiplier));
    }
    const onLadder = scenarios.rows === null && scenarios.recipe === "ladder";
    if (tier.gammaNodes > 0 && !onLadder) {
      throw contradiction(`${at}[${i}].gammaNodes`, "0 off a ladder", String(tier.gammaNodes));
    }
  }
}

function checkGroups(document: TermsDocument, path: string): void {
  const seen = new Set<string>();
  for (const [i, group] of document.offsets.groups.entries()) {
    const at = `${path}.groups[${i}]`;
    for (const [j, member] of group.members.entries()) {
      if (seen.has(member)) {
        throw contradiction(`${at}.members[${j}]`, "each underlying in one group, once", member);
      }
      seen.add(member);
    }
    for (const [name, beta] of Object.entries(group.beta)) {
      if (!group.members.includes(name) && !group.members.includes("*")) {
        throw contradiction(`${at}.beta`, "members of the group only", name);
      }
      checkBeta(document, name, beta, join(`${at}.beta`, name));
    }
  }
}

function checkBeta(document: TermsDocument, name: string, beta: number, path: string): void {
  const entries = [document.perUnderlying, ...Object.values(document.assetClasses)];
  for (const entry of entries.map((one) => one[name] ?? one["*"])) {
    const lowest = Math.min(0, ...slidesOf(entry?.scenarios).map((slide) => slide * beta));
    if (lowest <= -1) throw contradiction(path, "no slide of -100 % or below", String(lowest));
  }
}

/** The outermost slides and the tails. */
function slidesOf(scenarios: Scenarios | undefined): readonly number[] {
  if (scenarios === undefined) return [];
  if (scenarios.rows !== null) return scenarios.rows.map(({ slide }) => slide);
  if (scenarios.recipe === "none") return [];
  const edge = scenarios.recipe === "ladder" ? scenarios.ladder.max : scenarios.slideRange;
  return [-edge, edge, ...(scenarios.tails?.moves ?? [])];
}

function ascending(values: readonly number[], path: string): void {
  const at = values.findIndex((value, i) => i > 0 && value <= values[i - 1]!);
  if (at > 0) {
    throw contradiction(`${path}[${at}]`, `above ${values[at - 1]}`, String(values[at]));
  }
}

function contradiction(path: string, expected: string, found: string): RiskError {
  return new RiskError("terms_invalid", { path, expected, found });
}
