/**
 * Says what a merged document leaves to be understood: which recipe lays out the rows, and that `*`
 * serves whatever has no entry.
 */
import { isTree, join } from "../core/check.ts";
import { RiskError } from "../core/errors.ts";
import type { Tree } from "../core/patch.ts";

/**
 * `merged` with `*` in every block that looks up by name, and a recipe in every entry.
 *
 * A recipe that is not named follows from what is: `slidePoints` means points, `ladder` a ladder,
 * neither means no rows but explicit ones.
 *
 * @throws RiskError `missing_field` where a price range stands without anything to lay it out by
 */
export function completed(merged: Tree, path = ""): Tree {
  const classes = Object.entries(tree(merged["assetClasses"])).map(([name, entries]) => [
    name,
    withRecipes(tree(entries), join(join(path, "assetClasses"), name)),
  ]);
  const { extends: _extends, asOf: _asOf, notReproduced: _notReproduced, ...computed } = merged;
  return {
    ...computed,
    perUnderlying: withRecipes(
      { "*": {}, ...tree(merged["perUnderlying"]) },
      join(path, "perUnderlying"),
    ),
    assetClasses: Object.fromEntries(classes),
    collateral: { "*": {}, ...tree(merged["collateral"]) },
  };
}

function withRecipes(entries: Tree, path: string): Tree {
  return Object.fromEntries(
    Object.entries(entries).map(([name, entry]) => [
      name,
      withRecipe(tree(entry), join(path, name)),
    ]),
  );
}

function withRecipe(entry: Tree, path: string): Tree {
  const scenarios = tree(entry["scenarios"]);
  if (scenarios["recipe"] !== undefined) return entry;
  return { ...entry, scenarios: { ...scenarios, recipe: recipeOf(scenarios, path) } };
}

function recipeOf(scenarios: Tree, path: string): string {
  if (scenarios["rows"] !== undefined) return "none";
  if (scenarios["slidePoints"] !== undefined) return "points";
  if (scenarios["ladder"] !== undefined) return "ladder";
  if (scenarios["slideRange"] === undefined) return "none";
  throw new RiskError("missing_field", {
    path: `${path}.scenarios.slidePoints`,
    expected: "slidePoints, ladder or rows beside slideRange",
    found: "nothing",
  });
}

const tree = (block: unknown): Tree => (isTree(block) ? block : {});
