/**
 * JSON Merge Patch (RFC 7396): a document that says only what differs from another.
 *
 *      null removes, {} changes nothing, lists replace, objects merge
 *
 * `patchOf` turns the shape of a whole document into that of a patch, so that a misspelt name in a
 * patch is refused where it stands and not after merging.
 */
import { canonicalJson } from "./canonical.ts";
import { isTree } from "./check.ts";
import { type Fields, nullable, object, optional, type Shape } from "./shape.ts";

export type Tree = { readonly [name: string]: unknown };

/** `target` as `patch` changes it; neither is touched. A patch that is no object replaces. */
export function merge(target: unknown, patch: unknown): unknown {
  if (!isTree(patch)) return patch;
  const result: Record<string, unknown> = isTree(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = merge(result[name], value);
  }
  return result;
}

/**
 * The shape of a patch to `shape`: every member optional and nullable, no defaults; `more` besides.
 */
export function patchOf(shape: Shape, more: Fields = {}): Shape<Tree> {
  return patched(shape, more) as Shape<Tree>;
}

function patched(shape: Shape, more: Fields = {}): Shape {
  switch (shape.kind) {
    case "object": {
      const fields = Object.entries(shape.fields).map(([name, field]) => [name, member(field)]);
      return object({ ...Object.fromEntries(fields), ...more });
    }
    case "map":
      return { ...bare(shape), kind: "map", value: nullable(patched(shape.value)) } as Shape;
    case "either":
      return { ...bare(shape), kind: "either", all: branches(shape.all) } as Shape;
    case "nullable":
      return patched(shape.inner);
    case "named":
      // Lazily, for a named shape may contain itself.
      return {
        ...bare(shape),
        kind: "named",
        name: `${shape.name}Patch`,
        inner: () => patched(shape.inner()),
      } as Shape;
    default:
      return bare(shape);
  }
}

/** Objects become one, for a patch may remove what one of them has and add what another has. */
function branches(all: readonly Shape[]): Shape[] {
  const objects = all.filter((one) => one.kind === "object");
  const fields = Object.assign({}, ...objects.map((one) => one.fields)) as Fields;
  const rest = all.filter((one) => one.kind !== "object").map((one) => patched(one));
  return objects.length === 0 ? rest : [...rest, patched(object(fields))];
}

function member(field: Shape): Shape {
  return optional(nullable(patched(field)));
}

/** The shape without what it does when it is absent. */
function bare(shape: Shape): Shape {
  const { absent: _absent, fallback: _fallback, ...rest } = shape;
  return rest as Shape;
}

/** The smallest patch that turns `base` into `target`; lists and texts are compared whole. */
export function differences(base: Tree, target: Tree): Tree {
  const patch: Record<string, unknown> = {};
  for (const name of Object.keys(base)) {
    if (!Object.hasOwn(target, name) && base[name] !== null) patch[name] = null;
  }
  for (const [name, value] of Object.entries(target)) {
    const before = Object.hasOwn(base, name) ? base[name] : undefined;
    if (isTree(value) && isTree(before)) {
      const inner = differences(before, value);
      if (Object.keys(inner).length > 0) patch[name] = inner;
    } else if (canonicalJson(value ?? null) !== canonicalJson(before ?? null)) {
      patch[name] = value;
    }
  }
  return patch;
}
