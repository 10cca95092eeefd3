/**
 * Describes a document once: its check, its defaults, its TypeScript type and its JSON Schema
 * follow.
 *
 * A shape is plain data, so that the same declaration serves a file, a frame, a form and a table in
 * the docs. Everything has a limit: text a length, a list a count, a map a number of keys,
 * recursion a depth. What a shape does not name is refused, so that a misspelt term can never be a
 * silent zero.
 *
 *      const leg = object({
 *        id: text({ max: 64 }),
 *        quantity: number({ min: -1e15, max: 1e15, unit: "contracts" }),
 *        rate: withDefault(number({ min: -1, max: 1, unit: "per year" }), 0),
 *        label: optional(text({ max: 80 })),
 *      });
 *      check(leg, { id: "a", quantity: 1 })   // { id: "a", quantity: 1, rate: 0 }, see check.ts
 */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** What a reader should know of a field; every kind of shape may carry it. */
export interface Notes {
  readonly meaning?: string;
}

export interface NumberNotes extends Notes, Bounds {
  readonly kind: "number";
  /** `min` itself is refused. */
  readonly aboveMin?: boolean;
  readonly integer?: boolean;
  /** How far a live change may go; without it the term is fixed while running. */
  readonly tunable?: Bounds;
  readonly unit?: string;
}

export interface TextNotes extends Notes {
  readonly kind: "text";
  readonly min: number;
  readonly max: number;
  readonly pattern?: RegExp;
  /** The pattern in words. */
  readonly form?: string;
}

export interface ChoiceNotes extends Notes {
  readonly kind: "choice";
  readonly all: readonly (string | number | boolean)[];
}

interface FlagNotes extends Notes {
  readonly kind: "flag";
}

export interface ListNotes extends Notes {
  readonly kind: "list";
  readonly item: Shape;
  readonly min: number;
  readonly max: number;
}

export interface MapNotes extends Notes {
  readonly kind: "map";
  readonly key: Shape<string>;
  readonly value: Shape;
  readonly max: number;
}

export interface ObjectNotes extends Notes {
  readonly kind: "object";
  readonly fields: Fields;
}

export interface EitherNotes extends Notes {
  readonly kind: "either";
  readonly all: readonly Shape[];
}

interface NullableNotes extends Notes {
  readonly kind: "nullable";
  readonly inner: Shape;
}

interface NamedNotes extends Notes {
  readonly kind: "named";
  readonly name: string;
  readonly inner: () => Shape;
}

interface AnythingNotes extends Notes {
  readonly kind: "anything";
}

export type Node =
  | NumberNotes
  | TextNotes
  | ChoiceNotes
  | FlagNotes
  | ListNotes
  | MapNotes
  | ObjectNotes
  | EitherNotes
  | NullableNotes
  | NamedNotes
  | AnythingNotes;

/** A shape whose checked value has type `T`; `typed` exists for the type checker only. */
export type Shape<T = unknown> = Node & {
  readonly typed?: T;
  /** What an object does without the field: refuse (default), leave it out, or fill `fallback`. */
  readonly absent?: "allowed" | "filled";
  readonly fallback?: unknown;
  /** A field that is null counts as absent. */
  readonly nullIsAbsent?: true;
};
export type OptionalShape<T = unknown> = Shape<T> & { readonly absent: "allowed" };
export type FilledShape<T = unknown> = Shape<T> & { readonly absent: "filled" };

export type Fields = Readonly<Record<string, Shape>>;
/** The type of a checked value: `TypeOf<typeof leg>`. */
export type TypeOf<S> = S extends { readonly typed?: infer T } ? T : never;
type OptionalNames<F> = {
  [K in keyof F]: F[K] extends { readonly absent: "allowed" } ? K : never;
}[keyof F];
export type ObjectOf<F> = {
  readonly [K in Exclude<keyof F, OptionalNames<F>>]: TypeOf<F[K]>;
} & { readonly [K in OptionalNames<F>]?: TypeOf<F[K]> };

export const number = (notes: Omit<NumberNotes, "kind">): Shape<number> => ({
  ...notes,
  kind: "number",
});

export const text = (
  notes: Omit<TextNotes, "kind" | "min"> & { readonly min?: number },
): Shape<string> => ({ min: 1, ...notes, kind: "text" });

export const choice = <const T extends readonly (string | number | boolean)[]>(
  all: T,
  notes: Notes = {},
): Shape<T[number]> => ({ ...notes, kind: "choice", all });

export const flag = (notes: Notes = {}): Shape<boolean> => ({ ...notes, kind: "flag" });

export const list = <T>(
  item: Shape<T>,
  notes: Notes & { readonly min?: number; readonly max: number },
): Shape<readonly T[]> => ({ min: 0, ...notes, kind: "list", item });

/**
 * An object whose keys are names of the writer's choosing; names that every object has are refused.
 */
export const map = <T>(
  key: Shape<string>,
  value: Shape<T>,
  notes: Notes & { readonly max: number },
): Shape<Readonly<Record<string, T>>> => ({ ...notes, kind: "map", key, value });

export const object = <const F extends Fields>(
  fields: F,
  notes: Notes = {},
): Shape<ObjectOf<F>> => ({
  ...notes,
  kind: "object",
  fields,
});

/**
 * The first shape that accepts the value; of several refusals the one that got furthest is told.
 */
export const either = <const S extends readonly Shape[]>(
  all: S,
  notes: Notes = {},
): Shape<TypeOf<S[number]>> => ({ ...notes, kind: "either", all });

export const nullable = <T>(inner: Shape<T>, notes: Notes = {}): Shape<T | null> => ({
  ...notes,
  kind: "nullable",
  inner,
});

/** A shape with a name in the JSON Schema; the only way for a shape to contain itself. */
export const named = <T>(name: string, inner: () => Shape<T>, notes: Notes = {}): Shape<T> => ({
  ...notes,
  kind: "named",
  name,
  inner,
});

/** Any JSON value: for what another document's own shape checks. */
export const anything = (notes: Notes = {}): Shape<unknown> => ({ ...notes, kind: "anything" });

export const optional = <T>(shape: Shape<T>): OptionalShape<T> => ({ ...shape, absent: "allowed" });

/** `fallback` is checked like a given value, so defaults nest. */
export const withDefault = <T>(shape: Shape<T>, fallback: unknown): FilledShape<T> => ({
  ...shape,
  absent: "filled",
  fallback,
});

/** For a field that may be absent: null says the same. */
export const orNull = <S extends OptionalShape | FilledShape>(shape: S): S => ({
  ...shape,
  nullIsAbsent: true,
});
