/**
 * The names that the guard knows: what is listed, with what each needs to be judged by.
 */
import type { GuardSettings } from "../../../config/guard.ts";
import { regimeTerms } from "../../../config/regime.ts";
import type { MarkStateCommand } from "../../../core/engine/command.ts";
import type { Instrument, Listing } from "../../../core/instrument.ts";
import { type Band, openBand } from "./band.ts";
import type { MarkKind } from "./numbers.ts";
import { Panel } from "./panel.ts";
import { openSlot, type Slot, type TradingClock, VALUE } from "./slot.ts";
import { Smiles } from "./smile.ts";

export interface NamesOptions {
  readonly barMs: number | undefined;
  readonly told: MarkStateCommand | undefined;
  /** Sources side by side; 0: one trusted source, and nothing to judge it by. */
  readonly panels: number;
  readonly settings: GuardSettings;
}

export class Names {
  readonly slots = new Map<string, Slot>();
  readonly bands = new Map<string, Band>();
  readonly smiles: Smiles;
  readonly #options: NamesOptions;
  readonly #clocks = new Map<string, TradingClock>();

  constructor({ underlyings, currencies, instruments }: Listing, options: NamesOptions) {
    this.#options = options;
    this.smiles = new Smiles(options.settings.smile);
    for (const { id, assetClass } of underlyings) {
      if (regimeTerms(assetClass).calendar.kind === "sessions") {
        this.#clocks.set(id, { ms: 0, lastAt: Number.POSITIVE_INFINITY });
      }
      this.#know(id, "index", id);
    }
    for (const { id } of currencies) {
      this.#know(id, "currency", undefined);
      this.#anchor(id);
    }
    this.list(instruments);
  }

  list(instruments: readonly Instrument[]): void {
    for (const instrument of instruments) {
      const { id, kind, underlying } = instrument;
      this.#know(id, kind, underlying);
      if (kind === "option" && this.#options.panels > 0) this.smiles.add(instrument);
    }
  }

  forget(id: string): void {
    this.slots.delete(id);
    this.smiles.remove(id);
  }

  /** A name that is both an index and a coin is marked once, as the index. */
  #know(id: string, kind: MarkKind, underlying: string | undefined): void {
    if (this.slots.has(id)) return;
    const { barMs, told, panels, settings } = this.#options;
    const clock = underlying === undefined ? undefined : this.#clocks.get(underlying);
    const panel = panels === 0 ? undefined : new Panel(panels, settings);
    this.slots.set(id, openSlot({ id, kind, underlying, barMs, clock, panel, told }, settings));
  }

  #anchor(id: string): void {
    const { panels, settings } = this.#options;
    const anchor = settings.bands.anchors[id];
    if (panels === 0 || anchor === undefined || this.slots.get(id)?.kind !== "currency") return;
    const { of, ratio } = anchor;
    const index = () => (of === undefined ? 1 : (this.slots.get(of)?.accepted[VALUE] ?? 0));
    const stands = () => ratio * index();
    this.bands.set(id, openBand(settings.bands, stands));
  }
}
