/** Types of calls, from the table that the gateway checks them with. */
import type { methods } from "../protocol/methods.ts";
import type { Body } from "../protocol/schema.ts";

type Specs = (typeof methods)[keyof typeof methods];

export type MethodName = Specs["name"];

type BodyOf<N extends MethodName> = Body<Extract<Specs, { readonly name: N }>["params"]>;

/** Params of a method: those that may be left out are optional. */
export type ParamsOf<N extends MethodName> = {
  readonly [K in keyof BodyOf<N> as undefined extends BodyOf<N>[K] ? never : K]: BodyOf<N>[K];
} & {
  readonly [K in keyof BodyOf<N> as undefined extends BodyOf<N>[K] ? K : never]?: Exclude<
    BodyOf<N>[K],
    undefined
  >;
};
