/**
 * A quant: freezes a regime and releases it again, each decision under the next version.
 *
 * A decision has no key; its version makes it good for one moment. So one whose answer was lost is
 * sent again as it was, and is either done now or refused because it had been.
 */
import type { Client, Outcome } from "./client.ts";
import { SUBMIT } from "./desk.ts";
import type { Dice } from "./dice.ts";
import type { Timeline } from "./timeline.ts";

export interface QuantOptions {
  readonly timeline: Timeline;
  readonly dice: Dice;
  readonly underlying: string;
}

const ANSWER_MS = 3_000;
const PAUSE_MS = 6_000;

export class Quant {
  readonly #options: QuantOptions;
  #client: Client | undefined;
  #version = 1;
  #frozen = false;
  stopped = false;

  constructor(options: QuantOptions) {
    this.#options = options;
  }

  run(client: Client): void {
    this.#client = client;
    this.#later();
  }

  #later(): void {
    const { timeline, dice } = this.#options;
    timeline.at(timeline.now() + 200 + dice.below(PAUSE_MS), () => {
      if (this.stopped) return;
      if (this.#client!.ready) this.#decide();
      else this.#later();
    });
  }

  #decide(): void {
    const { underlying } = this.#options;
    const head = { kind: "Regime", underlying, version: this.#version };
    const reason = "as the simulation wants it";
    const command = this.#frozen
      ? {
          ...head,
          what: "release",
          by: { principal: "b", proposer: "a", hash: "0".repeat(64), reason },
        }
      : { ...head, what: "freeze", by: { principal: "b", reason }, allowEmergency: true };
    this.#client!.call(SUBMIT, { command }, ANSWER_MS, (outcome) => this.#settle(outcome));
  }

  #settle(outcome: Outcome): void {
    const done =
      outcome.kind === "result" || (outcome.kind === "refused" && outcome.code === "conflict");
    if (done) {
      this.#version += 1;
      this.#frozen = !this.#frozen;
    }
    this.#later();
  }
}
