/**
 * What a declaration of a method is made of: its parameters are shapes, its results JSON Schemas.
 */
import type { Tree } from "../../core/patch.ts";
import { type Fields, text } from "../../core/shape.ts";
import { NAME_CHARACTERS_MAX } from "./limits.ts";

/** Scope of what anyone may call, and of what any key may. */
export const OPEN = "open";
export const ANY_KEY = "key";

export interface MethodSpec<F extends Fields = Fields, N extends string = string> {
  readonly name: N;
  /** One sentence for the documents. */
  readonly summary: string;
  /** Several stand with a space between them: all are needed; with a slash, one of them. */
  readonly scope: string;
  /** The account in `params` need not be there yet. */
  readonly opensAccount?: true;
  /** Drawn from the request allowance. */
  readonly cost: number;
  readonly params: F;
  /** JSON Schemas of the result's members by name. */
  readonly result: Readonly<Record<string, Tree>>;
  /** Also over `POST /rpc`; what needs a connection is not. */
  readonly once: boolean;
}

/** Keeps the name and the fields' types while the rest is checked. */
export function declare<const F extends Fields, const N extends string>(
  spec: MethodSpec<F, N>,
): MethodSpec<F, N> {
  return spec;
}

export const name = (meaning: string) => text({ max: NAME_CHARACTERS_MAX, meaning });
export const count = (description: string): Tree => ({ type: "integer", minimum: 0, description });
export const tree = (description: string): Tree => ({ type: "object", description });
export const rows = (description: string): Tree => ({
  type: "array",
  items: { type: "object" },
  description,
});
export const word = (description: string): Tree => ({ type: "string", description });
export const flagged = (description: string): Tree => ({ type: "boolean", description });
