/**
 * Whether a decision about a regime may enter the list.
 *
 * What loosens or changes needs two people: nobody approves what he proposed himself, and the
 * approval names by hash what was looked at. Freezing only holds what is published, so one may do
 * it at once. The version makes each decision good for one moment: a second approval of the same
 * proposal, or one that another decision overtook, is a conflict.
 */
import { RiskError } from "../errors.ts";
import type { RegimeCommand, RegimeDecision } from "./command.ts";
import type { EngineState } from "./state.ts";

/** How far ahead an override may expire: 30 days. */
export const OVERRIDE_MS_MAX = 30 * 86_400_000;

/**
 * @param at market time of the Turn that it joins, ms
 * @throws RiskError conflict, forbidden, missing_field or out_of_bounds
 */
export function checkRegime(state: EngineState, command: RegimeCommand, at: number): void {
  if (command.what === "warm") refuseLateWarming(state, command.underlying);
  else checkDecision(state, command, at);
}

function refuseLateWarming({ published }: EngineState, underlying: string): void {
  if (!published.has(underlying)) return;
  throw new RiskError("conflict", {
    path: "what",
    expected: "no history: a range is published",
    found: "warm",
  });
}

function checkDecision({ decided }: EngineState, command: RegimeDecision, at: number): void {
  const next = (decided.get(command.underlying) ?? 0) + 1;
  if (command.version !== next) {
    throw new RiskError("conflict", {
      path: "version",
      expected: String(next),
      found: String(command.version),
    });
  }
  if (command.what !== "freeze") requireSecond(command);
  if (command.what === "override") checkExpiry(command.untilMs, at);
}

function requireSecond({ by }: RegimeDecision): void {
  if (by.proposer === undefined || by.hash === undefined) {
    const path = by.proposer === undefined ? "by.proposer" : "by.hash";
    throw new RiskError("missing_field", { path, expected: "a proposal that was previewed" });
  }
  if (by.proposer !== by.principal) return;
  throw new RiskError("forbidden", {
    path: "by.principal",
    expected: "another principal than who proposed it",
    found: by.principal,
  });
}

function checkExpiry(untilMs: number, at: number): void {
  if (untilMs > at && untilMs <= at + OVERRIDE_MS_MAX) return;
  throw new RiskError("out_of_bounds", {
    path: "untilMs",
    expected: `after ${at}, at most ${OVERRIDE_MS_MAX} ms on`,
    found: String(untilMs),
  });
}
