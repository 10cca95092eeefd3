/**
 * The tuning desk: proposals from the first word to the list.
 *
 *      propose ─► checked ─► studied on the record ─► shadowed ─► previewed (what-if) ─► approved
 *                                                                                          │
 *      freeze (one person) ────────────────────────────────────────────────────────────────┴─► list
 *
 * Holding still is safe and urgent, so whoever may approve may freeze, at once and alone. What lets
 * go of a freeze, puts a range of one's own, or changes or brings back parameters takes two.
 * What is decided is in the list and its fold, with who, why and the hash of what was seen; the
 * desk itself keeps only what is still open.
 */
import {
  broughtBack,
  type Ladder,
  tunedRegime,
  type Wishes,
} from "../../../config/regime-tuning.ts";
import { OVERRIDE_MS_MAX } from "../../../core/engine/check-regime.ts";
import type { RegimeDecision } from "../../../core/engine/command.ts";
import type { DecisionLine } from "../../../core/engine/state.ts";
import { RiskError, shown } from "../../../core/errors.ts";
import { termsOf } from "../../../core/terms.ts";
import { harCoefficients, type RegimeState, type TermChange } from "../../../regime/index.ts";
import type { Applied, Flow } from "../../flow.ts";
import type { Folder } from "../../journal/folder.ts";
import { type KeptPreviews, openKeptPreviews } from "./kept.ts";
import {
  openPreviews,
  type Preview,
  type PreviewDocument,
  type PreviewOptions,
  type Previews,
} from "./preview.ts";
import {
  decisionOf,
  type Moment,
  PROPOSAL_MS_MAX,
  PROPOSALS_MAX,
  type Proposal,
  requireApprovable,
  requireOpen,
  type Wanted,
} from "./proposal.ts";
import { SeenPreviews } from "./seen.ts";
import { openShadow } from "./shadow.ts";

export interface DeskOptions extends PreviewOptions {
  readonly flow: Pick<Flow, "engine" | "regimes" | "apply" | "onTurn">;
  /** Where the previews lie that were approved. */
  readonly folder: Folder;
}

/** A decision that is in the list, and the regime's version from there on. */
export interface Decided {
  readonly applied: Applied;
  readonly version: number;
}

/** Who asks, for what regime, why, and what he takes its version to be. */
export interface Asking {
  readonly principal: string;
  readonly underlying: string;
  readonly expectedVersion: number;
  readonly reason: string;
}

export interface TuneDesk {
  /** @throws RiskError `unknown_underlying` */
  regime(underlying: string): RegimeState;
  /** Decisions about the regime so far. */
  version(underlying: string): number;
  /** Proposals that are open, oldest first. */
  open(underlying: string): readonly Proposal[];
  propose(asking: Asking, wishes: Wishes): Proposal;
  /** Proposes what was fitted for the challenger of the scale. */
  refit(asking: Asking, coefficients: Readonly<Record<string, number>>): Proposal;
  override(asking: Asking, range: number, untilMs: number): Proposal;
  release(asking: Asking): Proposal;
  /** Proposes the terms of an earlier version. */
  rollback(asking: Asking, version: number): Proposal;
  /** @param approver for whom its hash stands; undefined: somebody who only looks */
  preview(id: string, approver?: string): Promise<Preview>;
  /** What was approved with that hash, also before a restart. */
  previewed(hash: string): PreviewDocument;
  approve(id: string, by: { readonly principal: string; readonly hash: string }): Promise<Decided>;
  freeze(asking: Omit<Asking, "expectedVersion">, allowEmergency: boolean): Promise<Decided>;
  /** The newest decisions, newest first. */
  history(underlying: string | undefined): readonly DecisionLine[];
  close(): void;
}

export function openTuneDesk(options: DeskOptions): TuneDesk {
  return new Desk(options);
}

class Desk implements TuneDesk {
  readonly #options: DeskOptions;
  readonly #proposals = new Map<string, Proposal>();
  readonly #previews: Previews;
  readonly #kept: KeptPreviews;
  /** Begins every id, so that those of an earlier run are known for what they are. */
  readonly #run: string;
  readonly #stop: () => void;
  #made = 0;

  constructor(options: DeskOptions) {
    this.#options = options;
    const { flow, folder, clock } = options;
    this.#previews = openPreviews(options);
    this.#kept = openKeptPreviews(folder, () => this.#named());
    this.#run = `${flow.engine.state.lineage.slice(0, 8)}-${Math.floor(clock.now())}-`;
    this.#stop = flow.onTurn((turn) => {
      const { names } = flow.engine.state;
      for (const { underlying, shadow } of this.#proposals.values()) {
        shadow?.fold(turn, names, this.regime(underlying));
      }
    });
  }

  regime(underlying: string): RegimeState {
    const regime = this.#options.flow.regimes.get(underlying);
    if (regime !== undefined) return regime;
    throw new RiskError("unknown_underlying", {
      path: "params.underlying",
      found: shown(underlying),
    });
  }

  version(underlying: string): number {
    return this.#options.flow.engine.state.decided.get(underlying) ?? 0;
  }

  open(underlying: string): readonly Proposal[] {
    this.#sweep();
    return [...this.#proposals.values()].filter((one) => one.underlying === underlying);
  }

  propose(asking: Asking, wishes: Wishes): Proposal {
    const { terms } = this.regime(asking.underlying);
    const ladder = this.#ladder(asking.underlying);
    const { changes } = inParams(() => tunedRegime(terms, wishes, ladder));
    return this.#add(asking, { what: "parameters", changes }, true);
  }

  refit(asking: Asking, coefficients: Readonly<Record<string, number>>): Proposal {
    this.regime(asking.underlying);
    inParams(() => harCoefficients(coefficients));
    return this.#add(asking, { what: "coefficients", coefficients }, true);
  }

  override(asking: Asking, range: number, untilMs: number): Proposal {
    const { min, max } = this.regime(asking.underlying).terms.range;
    if (!(range >= min && range <= max)) {
      const expected = `from ${min} to ${max}`;
      throw new RiskError("out_of_bounds", { path: "params.range", expected, found: shown(range) });
    }
    const { at } = this.#options.flow.engine.state;
    if (!(untilMs > at && untilMs <= at + OVERRIDE_MS_MAX)) {
      throw new RiskError("out_of_bounds", {
        path: "params.untilMs",
        expected: `market time after ${at}, at most ${OVERRIDE_MS_MAX} ms on`,
        found: String(untilMs),
      });
    }
    return this.#add(asking, { what: "override", range, untilMs }, false);
  }

  release(asking: Asking): Proposal {
    const { frozen, range } = this.regime(asking.underlying).steer;
    if (frozen || range > 0) return this.#add(asking, { what: "release" }, false);
    throw new RiskError("conflict", {
      path: "params.underlying",
      expected: "a freeze or an override to end",
      found: "neither",
    });
  }

  rollback(asking: Asking, version: number): Proposal {
    const { terms } = this.regime(asking.underlying);
    const changes = broughtBack(terms, this.#changesAfter(asking.underlying, version));
    if (changes.length === 0) {
      const expected = "a version with other terms";
      throw new RiskError("missing_field", {
        ...{ path: "params.version", expected },
        found: String(version),
      });
    }
    return this.#add(asking, { what: "parameters", changes, restores: version }, false);
  }

  async preview(id: string, approver?: string): Promise<Preview> {
    const proposal = this.#find(id);
    requireOpen(proposal, this.#moment(proposal.underlying));
    return this.#previews.of(proposal, this.regime(proposal.underlying), approver);
  }

  previewed(hash: string): PreviewDocument {
    return this.#kept.read(hash);
  }

  async approve(
    id: string,
    by: { readonly principal: string; readonly hash: string },
  ): Promise<Decided> {
    const proposal = this.#find(id);
    const seen = requireApprovable(proposal, by, this.#moment(proposal.underlying));
    proposal.applying = seen.hash;
    try {
      await this.#kept.keep(seen);
      const decision = decisionOf(proposal, by);
      const applied = await this.#options.flow.apply(decision);
      this.#proposals.delete(id);
      return { applied, version: decision.version };
    } finally {
      proposal.applying = undefined;
    }
  }

  async freeze(
    { underlying, principal, reason }: Omit<Asking, "expectedVersion">,
    allowEmergency: boolean,
  ): Promise<Decided> {
    this.regime(underlying);
    const { flow } = this.#options;
    for (let attempt = 1; ; attempt++) {
      const version = this.version(underlying) + attempt;
      const by = { principal, reason };
      const decision: RegimeDecision = {
        ...{ kind: "Regime", underlying, version, by },
        ...{ what: "freeze", allowEmergency },
      };
      try {
        return { applied: await flow.apply(decision), version };
      } catch (error) {
        // Another decision is on its way to disk: a freeze goes behind it and does not wait.
        const overtaken = error instanceof RiskError && error.detail.path === "version";
        if (!overtaken || attempt === FREEZE_ATTEMPTS_MAX) throw error;
      }
    }
  }

  history(underlying: string | undefined): readonly DecisionLine[] {
    const { decisions } = this.#options.flow.engine.state;
    return decisions
      .filter(({ command }) => underlying === undefined || command.underlying === underlying)
      .toReversed();
  }

  close(): void {
    this.#stop();
    this.#proposals.clear();
  }

  #add(asking: Asking, wanted: Wanted, shadowed: boolean): Proposal {
    const { underlying, expectedVersion, principal, reason } = asking;
    const version = this.version(underlying);
    if (version !== expectedVersion) {
      throw new RiskError("conflict", {
        path: "params.expectedVersion",
        expected: String(version),
        found: String(expectedVersion),
      });
    }
    this.#sweep();
    for (const [id, other] of this.#proposals) {
      const his = other.underlying === underlying && other.principal === principal;
      if (his && other.applying === undefined) this.#proposals.delete(id);
    }
    if (this.#proposals.size >= PROPOSALS_MAX) {
      const expected = `at most ${PROPOSALS_MAX} open proposals`;
      throw new RiskError("limit_exceeded", { path: "params", expected });
    }
    const { at: madeMs } = this.#options.flow.engine.state;
    const live = this.regime(underlying);
    const shadow =
      wanted.what === "parameters" || wanted.what === "coefficients"
        ? openShadow(live, wanted, madeMs)
        : undefined;
    this.#made += 1;
    const proposal: Proposal = {
      id: `${this.#run}${this.#made}`,
      ...{ underlying, expectedVersion, wanted, principal, reason, madeMs, shadowed },
      ...(shadow === undefined ? {} : { shadow }),
      seen: new SeenPreviews(),
      applying: undefined,
    };
    this.#proposals.set(proposal.id, proposal);
    this.#previews.begin(proposal, live, () => this.#proposals.get(proposal.id) === proposal);
    return proposal;
  }

  /** Parameter changes since `version`, oldest first. */
  #changesAfter(underlying: string, version: number): readonly TermChange[] {
    const now = this.version(underlying);
    const lines = this.history(underlying).filter(({ command }) => command.version > version);
    if (version < 0 || version > now || lines.length !== now - version) {
      const kept = now - this.history(underlying).length;
      const expected = `from ${kept} to ${now}, of which the decisions are kept`;
      throw new RiskError("out_of_bounds", {
        ...{ path: "params.version", expected },
        found: String(version),
      });
    }
    return lines
      .toReversed()
      .flatMap(({ command }) => (command.what === "parameters" ? command.changes : []));
  }

  #ladder(underlying: string): Ladder | undefined {
    const { terms, market } = this.#options.flow.engine.state;
    const assetClass = market.underlyings.get(underlying)?.assetClass;
    if (assetClass === undefined) return undefined;
    const { scenarios, regime } = termsOf(terms, underlying, assetClass);
    const obeyed = regime.mode === "replace" || regime.mode === "floor";
    const onLadder = scenarios.rows === null && scenarios.recipe === "ladder";
    return obeyed && onLadder ? scenarios.ladder : undefined;
  }

  #moment(underlying: string): Moment {
    const { flow, clock } = this.#options;
    return {
      atMs: flow.engine.state.at,
      nowMs: clock.now(),
      version: this.version(underlying),
    };
  }

  #find(id: string): Proposal {
    const found = this.#proposals.get(id);
    if (found !== undefined) return found;
    const expected = id.startsWith(this.#run)
      ? "an open proposal"
      : "a proposal made since the last start: open ones do not outlive a restart";
    throw new RiskError("unknown_value", { path: "params.proposal", expected, found: shown(id) });
  }

  /** Hashes that the history tells or is about to tell. */
  #named(): ReadonlySet<string> {
    const told = this.#options.flow.engine.state.decisions.map(({ command }) => command.by.hash);
    const open = [...this.#proposals.values()].map(({ applying }) => applying);
    return new Set([...told, ...open].filter((hash) => hash !== undefined));
  }

  /** Forgets what is void. */
  #sweep(): void {
    const { at } = this.#options.flow.engine.state;
    for (const [id, { underlying, expectedVersion, madeMs, applying }] of this.#proposals) {
      const void_ = this.version(underlying) !== expectedVersion || at - madeMs > PROPOSAL_MS_MAX;
      if (void_ && applying === undefined) this.#proposals.delete(id);
    }
  }
}

/** Decisions that may be on their way to disk when a freeze comes. */
const FREEZE_ATTEMPTS_MAX = 3;

/** Refusals of what was proposed, with the path that it has in the request. */
function inParams<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof RiskError) || error.detail.path === undefined) throw error;
    const path = `params.${error.detail.path}`;
    throw new RiskError(error.code, { ...error.detail, path }, { cause: error });
  }
}
