/** Types of calls, from the table that the gateway checks them with. */
import type { ObjectOf } from "../../core/shape.ts";
import type { methods } from "../protocol/methods.ts";

type Specs = (typeof methods)[keyof typeof methods];

export type MethodName = Specs["name"];

/** Params of a method: those that may be left out are optional. */
export type ParamsOf<N extends MethodName> = ObjectOf<
  Extract<Specs, { readonly name: N }>["params"]
>;
