/**
 * docs/margin.md: the figures and tables between its marks, written from what the engine computes.
 *
 *      node config/margin-page/page.ts
 *
 * The prose is written by hand and holds no figure; a test holds both, and computes the figures a
 * second time on its own.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { RiskError } from "../../core/errors.ts";
import { flyTable, offsetTable, pair } from "./beside.ts";
import { accountTable, condor, dotTable, optionTable, setTable, volTable } from "./condor.ts";
import { gaps, publishedTable, sampleTable } from "./published.ts";
import {
  chargeTable,
  equityTable,
  modeTable,
  requirementTable,
  statementTable,
} from "./requirement.ts";

const PAGE = new URL("../../docs/margin.md", import.meta.url);

/** Every region of the page by its name. */
export function regions(): Readonly<Record<string, string>> {
  const worked = condor();
  return {
    account: accountTable(worked),
    statement: statementTable(worked),
    ladder: flyTable(),
    vols: volTable(worked),
    option: optionTable(worked),
    rows: dotTable(worked),
    sets: setTable(worked),
    charges: chargeTable(worked),
    requirement: requirementTable(worked),
    equity: equityTable(worked),
    modes: modeTable(worked),
    offset: offsetTable(pair()),
    published: publishedTable(),
    samples: sampleTable(),
    gaps: gaps(),
  };
}

const markOf = (name: string) => `<!-- figures: ${name} -->`;
const END = "<!-- end of figures -->";

/** The text of docs/margin.md. */
export function readPage(): string {
  return readFileSync(PAGE, "utf8");
}

/** What stands between a region's marks. @throws RiskError malformed_file where it has none */
export function regionOf(page: string, name: string): string {
  const { from, to } = bounds(page, name);
  return page.slice(from, to).trim();
}

/** `page` with every region replaced. */
export function withRegions(page: string, texts: Readonly<Record<string, string>>): string {
  let text = page;
  for (const [name, region] of Object.entries(texts)) {
    const { from, to } = bounds(text, name);
    text = `${text.slice(0, from)}\n${region}\n${text.slice(to)}`;
  }
  return text;
}

/** The page without its regions: what was written by hand. */
export function proseOf(page: string): string {
  return page.replace(new RegExp(`<!-- figures: [\\s\\S]*?${END}`, "g"), "");
}

function bounds(page: string, name: string): { from: number; to: number } {
  const mark = page.indexOf(markOf(name));
  const to = page.indexOf(END, mark);
  if (mark < 0 || to < 0) {
    throw new RiskError("malformed_file", {
      path: "docs/margin.md",
      expected: `${markOf(name)} and, after it, ${END}`,
      found: mark < 0 ? "no such mark" : "no end",
    });
  }
  return { from: mark + markOf(name).length, to };
}

if (import.meta.main) writeFileSync(PAGE, withRegions(readPage(), regions()));
