/**
 * Every term in one table: path, unit, bounds, how far a live change may go, default, meaning.
 *
 * The docs print it, the tuning form is made from it, and a live change is held against it: the
 * shape is the only place where a term is declared.
 */
import { describe, isTree, join } from "../core/check.ts";
import { RiskError, shown } from "../core/errors.ts";
import type { Tree } from "../core/patch.ts";
import type { Bounds, Shape } from "../core/shape.ts";
import { termsShape } from "./schema/terms.ts";

export interface TermRow {
  /** `perUnderlying.*.scenarios.slideRange`; `*` stands for any name, `[]` for any item. */
  readonly path: string;
  readonly kind: Shape["kind"];
  /** What is accepted, in words. */
  readonly accepts: string;
  readonly valid?: Bounds;
  /** Absent: fixed while the gateway runs. */
  readonly tunable?: Bounds;
  readonly unit?: string;
  readonly meaning?: string;
  /**
   * What holds where nothing is inherited; absent: must be named, or belongs to a block that is
   * off.
   */
  readonly fallback?: unknown;
}

/**
 * All terms, in document order. Terms under `assetClasses.*.*` are those under `perUnderlying.*`
 * and are not told twice.
 */
export function termRows(): readonly TermRow[] {
  return rowsOf({ shape: termsShape, path: "", notes: {} });
}

interface Place {
  readonly shape: Shape;
  readonly path: string;
  /** What the shapes around it said of it. */
  readonly notes: Partial<TermRow>;
}

function rowsOf({ shape, path, notes: outer }: Place): TermRow[] {
  const notes = {
    ...outer,
    ...(shape.meaning === undefined ? {} : { meaning: shape.meaning }),
    ...(shape.absent === "filled" ? { fallback: shape.fallback } : {}),
  };
  const inside = partsOf(shape, path, notes);
  if (inside !== undefined) return inside.flatMap(rowsOf);
  return [{ path, kind: shape.kind, accepts: describe(shape), ...numberNotes(shape), ...notes }];
}

/** Where the terms of a block lie; undefined: the shape is a term itself. */
function partsOf(shape: Shape, path: string, notes: Partial<TermRow>): Place[] | undefined {
  switch (shape.kind) {
    case "object":
      return Object.entries(shape.fields)
        .filter(([name]) => name !== "assetClasses")
        .map(([name, field]) => ({ shape: field, path: join(path, name), notes: {} }));
    case "map":
      return [{ shape: shape.value, path: `${path}.*`, notes: leads(shape.value) ? {} : notes }];
    case "nullable":
      return [{ shape: shape.inner, path, notes }];
    case "named":
      return leads(shape) ? [{ shape: shape.inner(), path, notes }] : undefined;
    case "list":
      return leads(shape.item) ? [{ shape: shape.item, path: `${path}[]`, notes: {} }] : undefined;
    case "either": {
      const first = shape.all.find(leads);
      return first === undefined ? undefined : [{ shape: first, path, notes }];
    }
    default:
      return undefined;
  }
}

/** Whether a shape has fields of its own to tell. */
const leads = (shape: Shape): boolean =>
  shape.kind === "named" ? leads(shape.inner()) : shape.kind === "object" || shape.kind === "map";

function numberNotes(shape: Shape): Partial<TermRow> {
  if (shape.kind !== "number") return {};
  return {
    valid: { min: shape.min, max: shape.max },
    ...(shape.tunable === undefined ? {} : { tunable: shape.tunable }),
    ...(shape.unit === undefined ? {} : { unit: shape.unit }),
  };
}

/**
 * Refuses a patch that touches what is fixed while running, or goes further than a live change may.
 *
 * @param patch a terms document without `extends`; its shape was checked before
 * @throws RiskError `unsupported` (not tunable), `out_of_bounds`
 */
export function refuseUntunable(patch: Tree): void {
  const bounds = new Map(termRows().map((row) => [row.path, row]));
  walk(patch, "", "", (value, path, generic) => {
    const row = bounds.get(generic.replace(/^assetClasses\.\*\.\*/, "perUnderlying.*"));
    if (row?.tunable === undefined) {
      throw new RiskError("unsupported", {
        path,
        expected: "a term that may change while the gateway runs",
        found: shown(value),
      });
    }
    const { min, max } = row.tunable;
    if (typeof value === "number" && value >= min && value <= max) return;
    throw new RiskError("out_of_bounds", {
      path,
      expected: `number ${min} to ${max} while the gateway runs`,
      found: shown(value),
    });
  });
}

type Visit = (value: unknown, path: string, generic: string) => void;

/** Blocks whose members are names. */
const named = new Set([
  "perUnderlying",
  "assetClasses",
  "assetClasses.*",
  "collateral",
  "locations",
]);

function walk(value: unknown, path: string, generic: string, visit: Visit): void {
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      walk(item, `${path}[${i}]`, `${generic}[]`, visit);
    }
  } else if (isTree(value)) {
    for (const [name, inner] of Object.entries(value)) {
      const general = named.has(generic) ? `${generic}.*` : join(generic, name);
      walk(inner, join(path, name), general, visit);
    }
  } else {
    visit(value, path, generic);
  }
}
