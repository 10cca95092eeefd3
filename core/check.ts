/**
 * Holds a value against its shape: what comes out is exactly what was declared, or a typed error.
 *
 * The first thing wrong ends the check, because a document with one misspelt term is refused whole;
 * the error says where, what would have been right and what stood there. The value that comes out
 * is a fresh tree: whoever sent the document cannot change it afterwards.
 */
import { RiskError, shown } from "./errors.ts";
import type {
  ChoiceNotes,
  EitherNotes,
  ListNotes,
  MapNotes,
  NumberNotes,
  ObjectNotes,
  Shape,
  TextNotes,
} from "./shape.ts";

/** Deepest nesting that a check follows; deeper is refused, whatever the shape says. */
export const SHAPE_DEPTH_MAX = 24;

/**
 * The value as the shape says, defaults filled, -0 made 0; a fresh tree, nothing of the input in
 * it.
 *
 * @throws RiskError `missing_field`, `unknown_key`, `wrong_type`, `not_finite`, `out_of_bounds`,
 * `unknown_value` or `limit_exceeded`, each with path, expected and found.
 */
export function check<T>(shape: Shape<T>, value: unknown, path = ""): T {
  return checked(shape, value, { path, depth: 0 }) as T;
}

interface Place {
  readonly path: string;
  readonly depth: number;
}

function checked(shape: Shape, value: unknown, at: Place): unknown {
  if (at.depth > SHAPE_DEPTH_MAX) {
    throw new RiskError("limit_exceeded", {
      path: at.path,
      expected: `at most ${SHAPE_DEPTH_MAX} levels`,
      found: "more",
    });
  }
  switch (shape.kind) {
    case "number":
      return checkedNumber(shape, value, at.path);
    case "text":
      return checkedText(shape, value, at.path);
    case "choice":
      return checkedChoice(shape, value, at.path);
    case "flag":
      if (typeof value !== "boolean") throw refusal("wrong_type", shape, value, at.path);
      return value;
    case "list":
      return checkedList(shape, value, at);
    case "map":
      return checkedMap(shape, value, at);
    case "object":
      return checkedObject(shape, value, at);
    case "either":
      return checkedEither(shape, value, at);
    case "nullable":
      return value === null ? null : checked(shape.inner, value, at);
    case "named":
      return checked(shape.inner(), value, at);
    case "anything":
      return value;
  }
}

function checkedNumber(shape: NumberNotes, value: unknown, path: string): number {
  if (typeof value !== "number") throw refusal("wrong_type", shape, value, path);
  if (!Number.isFinite(value)) throw refusal("not_finite", shape, value, path);
  const tooLow = shape.aboveMin === true ? value <= shape.min : value < shape.min;
  if (tooLow || value > shape.max) throw refusal("out_of_bounds", shape, value, path);
  if (shape.integer === true && !Number.isInteger(value)) {
    throw refusal("wrong_type", shape, value, path);
  }
  return value === 0 ? 0 : value;
}

function checkedText(shape: TextNotes, value: unknown, path: string): string {
  if (typeof value !== "string") throw refusal("wrong_type", shape, value, path);
  if (value.length < shape.min || value.length > shape.max) {
    throw refusal("out_of_bounds", shape, value, path);
  }
  if (shape.pattern?.test(value) === false) throw refusal("wrong_type", shape, value, path);
  return value;
}

function checkedChoice(shape: ChoiceNotes, value: unknown, path: string): unknown {
  if ((shape.all as readonly unknown[]).includes(value)) return value;
  const sameType = shape.all.some((one) => typeof one === typeof value);
  throw refusal(sameType ? "unknown_value" : "wrong_type", shape, value, path);
}

function checkedList(shape: ListNotes, value: unknown, at: Place): unknown[] {
  if (!Array.isArray(value)) throw refusal("wrong_type", shape, value, at.path);
  if (value.length > shape.max) throw refusal("limit_exceeded", shape, value, at.path);
  if (value.length < shape.min) throw refusal("out_of_bounds", shape, value, at.path);
  return Array.from(value, (item: unknown, i) =>
    checked(shape.item, item, { path: `${at.path}[${i}]`, depth: at.depth + 1 }),
  );
}

function checkedMap(shape: MapNotes, value: unknown, at: Place): Record<string, unknown> {
  if (!isTree(value)) throw refusal("wrong_type", shape, value, at.path);
  const keys = Object.keys(value);
  if (keys.length > shape.max) {
    throw new RiskError("limit_exceeded", {
      path: at.path,
      expected: describe(shape),
      found: `${keys.length} keys`,
    });
  }
  const result: Record<string, unknown> = {};
  for (const key of keys) {
    const path = join(at.path, key);
    if (key in Object.prototype) {
      throw new RiskError("unknown_key", { path, expected: "another name", found: shown(key) });
    }
    checked(shape.key, key, { path, depth: at.depth + 1 });
    result[key] = checked(shape.value, value[key], { path, depth: at.depth + 1 });
  }
  return result;
}

function checkedObject(shape: ObjectNotes, value: unknown, at: Place): Record<string, unknown> {
  if (!isTree(value)) throw refusal("wrong_type", shape, value, at.path);
  for (const key of Object.keys(value)) {
    if (!Object.hasOwn(shape.fields, key)) {
      throw new RiskError("unknown_key", {
        path: join(at.path, key),
        expected: namesShown(Object.keys(shape.fields)) || "no field",
        found: shown(key),
      });
    }
  }
  const result: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(shape.fields)) {
    const given = givenFor(field, Object.hasOwn(value, name) ? value[name] : undefined);
    const path = join(at.path, name);
    if (given === undefined && field.absent === "allowed") continue;
    if (given === undefined && field.absent !== "filled") {
      throw new RiskError("missing_field", { path, expected: describe(field), found: "nothing" });
    }
    const stands = given === undefined ? field.fallback : given;
    result[name] = checked(field, stands, { path, depth: at.depth + 1 });
  }
  return result;
}

const givenFor = (field: Shape, value: unknown) =>
  value === null && field.nullIsAbsent === true ? undefined : value;

function checkedEither(shape: EitherNotes, value: unknown, at: Place): unknown {
  let furthest: RiskError | undefined;
  for (const one of shape.all) {
    // It would say wrong_type of this very value, which is said below where no other fits.
    if (isOfOtherType(one, value)) continue;
    try {
      return checked(one, value, at);
    } catch (error) {
      if (!(error instanceof RiskError)) throw error;
      const reach = (e: RiskError | undefined) =>
        e === undefined || (e.code === "wrong_type" && e.detail.path === at.path)
          ? 0
          : (e.detail.path?.length ?? 0) + 1;
      if (reach(error) > reach(furthest)) furthest = error;
    }
  }
  throw furthest ?? refusal("wrong_type", shape, value, at.path);
}

function isOfOtherType({ kind }: Shape, value: unknown): boolean {
  if (kind === "number") return typeof value !== "number";
  return kind === "text" && typeof value !== "string";
}

/** What would have been right, in a few words: `number 0.01 to 0.9 (fraction)`. */
export function describe(shape: Shape): string {
  switch (shape.kind) {
    case "number":
      return numberShown(shape);
    case "text":
      return shape.form ?? `text of ${shape.min} to ${shape.max} characters`;
    case "choice":
      return namesShown(shape.all.map(String));
    case "flag":
      return "true or false";
    case "list":
      return `list of ${shape.min} to ${shape.max}`;
    case "map":
      return `object of at most ${shape.max} keys`;
    case "object":
      return "object";
    case "either":
      return shape.all.map(describe).join(", or ");
    case "nullable":
      return `${describe(shape.inner)}, or null`;
    case "named":
      return shape.name;
    case "anything":
      return "any value";
  }
}

function numberShown({ min, max, aboveMin, integer, unit }: NumberNotes): string {
  const range = aboveMin === true ? `above ${min} to ${max}` : `${min} to ${max}`;
  const kind = integer === true ? "whole number" : "number";
  return `${kind} ${range}${unit === undefined ? "" : ` (${unit})`}`;
}

/** Names as a choice, cut where a line would be too long to read. */
function namesShown(names: readonly string[]): string {
  const shownMax = 24;
  const rest = names.length - shownMax;
  return names.slice(0, shownMax).join(" | ") + (rest > 0 ? ` | ${rest} more` : "");
}

/** Whether a value is an object with named members, not a list. */
export function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A member's path: `a.b`, or `a["b c"]` where the name is no plain word, or too long for one. */
export function join(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$-]{0,127}$/.test(key)) return `${path}[${shown(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

type Refusals = "wrong_type" | "not_finite" | "out_of_bounds" | "unknown_value" | "limit_exceeded";

function refusal(code: Refusals, shape: Shape, value: unknown, path: string): RiskError {
  return new RiskError(code, { path, expected: describe(shape), found: shown(value) });
}
