/**
 * docs/terms.md, generated: every term in one table, every preset with its source and its gaps.
 */
import { presets } from "./presets.ts";
import { type TermRow, termRows } from "./terms-table.ts";

interface PresetFile {
  readonly name: string;
  readonly version: string;
  readonly source: string;
  readonly asOf: string;
  readonly notReproduced: readonly string[];
}

/** The page as Markdown. */
export function termsPage(): string {
  return [
    "# Terms",
    "",
    "Every number and switch of a margin model, and the models that come with Slidewire. Generated",
    "from the declarations in `config/schema` by `node config/schemas.ts`; do not edit.",
    "",
    "## Presets",
    "",
    ...Object.values(presets).flatMap((preset) => presetLines(preset as PresetFile)),
    "## Every term",
    "",
    "`*` stands for a name, `[]` for an item of a list. A default is what holds where nothing is",
    "inherited; a term without one must be named, or belongs to a block that is off until named.",
    "Terms by asset class, `assetClasses.CLASS.NAME`, are those under `perUnderlying.*`. *Live* is",
    "how far a change may go while the gateway runs.",
    "",
    "| term | accepts | live | default | meaning |",
    "| --- | --- | --- | --- | --- |",
    ...termRows().map(rowLine),
    "",
  ].join("\n");
}

function presetLines({ name, version, source, asOf, notReproduced }: PresetFile): string[] {
  return [
    `### ${name}`,
    "",
    `Version ${version}, source of ${asOf}. ${source}`,
    "",
    ...(notReproduced.length > 0 ? ["Not reproduced:", ""] : []),
    ...notReproduced.map((gap) => `- ${gap}`),
    ...(notReproduced.length > 0 ? [""] : []),
  ];
}

function rowLine({ path, accepts, tunable, fallback, meaning = "" }: TermRow): string {
  const live = tunable === undefined ? "" : `${tunable.min} to ${tunable.max}`;
  const otherwise = fallback === undefined ? "" : `\`${JSON.stringify(fallback)}\``;
  const cells = [`\`${path}\``, accepts, live, otherwise, meaning];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
