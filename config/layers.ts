/**
 * Lays a terms document over the one that it extends.
 *
 * Wherever a block has `*` beside names, `*` serves those without an entry and lies under those
 * with one; a child's `*` also reaches what its parent said of a name, because the child came
 * later:
 *
 *      parent *, parent BTC, child *, child BTC
 *
 * A class of assets may say more: for BTC in a book that calls it crypto
 *
 *      parent *, parent crypto *, parent BTC, parent crypto BTC, then the child's four
 *
 * What comes out is complete by name: each entry has all that holds for it, nulls removed.
 */
import { isTree } from "../core/check.ts";
import { merge, type Tree } from "../core/patch.ts";

/** Blocks with `*` beside names. */
const starred = ["perUnderlying", "collateral", "locations"] as const;
/** What a document says of itself and does not hand on. */
const ownOnly = ["extends", "name", "version", "source", "asOf", "notReproduced"] as const;

type Entries = Readonly<Record<string, Tree>>;

/** `child`, a checked patch, over `parent`, an answer of this function or `{}`. */
export function overlay(parent: Tree, child: Tree): Tree {
  const skipped = new Set<string>([...starred, "assetClasses", ...ownOnly]);
  const plain = (tree: Tree) =>
    Object.fromEntries(Object.entries(tree).filter(([name]) => !skipped.has(name)));
  const result: Record<string, unknown> = { ...(merge(plain(parent), plain(child)) as Tree) };
  for (const name of ownOnly) {
    if (child[name] !== undefined && child[name] !== null) result[name] = child[name];
  }
  for (const block of starred) {
    result[block] = overlayEntries(entries(parent[block]), entriesOrNull(child[block]));
  }
  result["assetClasses"] = overlayClasses(parent, child);
  return result;
}

/** A block of the child; null removes the parent's. */
function entriesOrNull(block: unknown): Tree | null {
  return block === null ? null : tree(block);
}

function overlayEntries(parent: Entries, child: Tree | null): Entries {
  if (child === null) return {};
  const names = new Set([...Object.keys(parent), ...Object.keys(child)]);
  const result: Record<string, Tree> = {};
  for (const name of names) {
    if (child[name] === null) continue;
    const before = own(parent, name) ?? own(parent, "*") ?? {};
    result[name] = laid(before, name === "*" ? [child["*"]] : [child["*"], child[name]]);
  }
  return result;
}

function overlayClasses(parent: Tree, child: Tree): Tree {
  if (child["assetClasses"] === null) return {};
  const before = tree(parent["assetClasses"]);
  const now = tree(child["assetClasses"]);
  const result: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(now)])) {
    if (now[name] !== null) result[name] = overlayClass(parent, child, name);
  }
  return result;
}

/** Every name that either document knows, as the class has it. */
function overlayClass(parent: Tree, child: Tree, assetClass: string): Entries {
  const plain = entries(parent["perUnderlying"]);
  const classed = entries(tree(parent["assetClasses"])[assetClass]);
  const says = tree(child["perUnderlying"]);
  const saysOfClass = tree(tree(child["assetClasses"])[assetClass]);
  const names = new Set(["*", ...[plain, classed, says, saysOfClass].flatMap(Object.keys)]);
  const result: Record<string, Tree> = {};
  for (const name of names) {
    if (says[name] === null || saysOfClass[name] === null) continue;
    const before =
      own(classed, name) ?? own(plain, name) ?? own(classed, "*") ?? own(plain, "*") ?? {};
    const all = [says["*"], saysOfClass["*"]];
    result[name] = laid(before, name === "*" ? all : [...all, says[name], saysOfClass[name]]);
  }
  return result;
}

/** `before` with each patch laid over it in turn; what is no object changes nothing. */
export function laid(before: Tree, patches: readonly unknown[]): Tree {
  return patches.reduce<Tree>(
    (after, patch) => (isTree(patch) ? lay(after, patch) : after),
    before,
  );
}

/**
 * A merge, save for two things: `{max}` over `{sum}` replaces it, since a node of `combine` is one
 * or the other; and `openOrders: null` stays said, since silence means that orders count.
 */
function lay(before: Tree, patch: Tree): Tree {
  const after = merge(before, patch) as Record<string, unknown>;
  const node = patch["combine"];
  if (isTree(node)) {
    const given = Object.entries(node).filter(([, value]) => value !== null);
    if (given.length === 1) after["combine"] = Object.fromEntries(given);
  }
  if (tree(patch["charges"])["openOrders"] === null) {
    after["charges"] = { ...tree(after["charges"]), openOrders: { initial: 0, maintenance: 0 } };
  }
  return after;
}

const tree = (block: unknown): Tree => (isTree(block) ? block : {});
const entries = (block: unknown): Entries => tree(block) as Entries;
const own = (block: Entries, name: string): Tree | undefined =>
  Object.hasOwn(block, name) ? block[name] : undefined;
