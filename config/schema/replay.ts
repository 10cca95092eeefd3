/** What `replay --state-hash` answers: which state a list gives, and the code that gave it. */
import { number, object, text } from "../../core/shape.ts";

const hash = (meaning: string) => text({ min: 64, max: 64, pattern: /^[0-9a-f]+$/, meaning });

export const replayShape = object({
  seq: number({ min: 1, max: 2 ** 53, integer: true, unit: "turn", meaning: "The last folded." }),
  lineage: text({ min: 32, max: 32, pattern: /^[0-9a-f]+$/, meaning: "Of the journal." }),
  stateHash: hash("SHA-256 of the state and its regimes as canonical JSON."),
  kernelHash: hash("SHA-256 of the code of core and regime that folded it."),
});
