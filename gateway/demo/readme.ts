/**
 * Writes the README's figures of March 2020 from the replay itself; none of them is typed.
 *
 *      node gateway/demo/readme.ts ../shared/data/btcusd_bitstamp_2h_2012_2025.csv.gz
 */
import { readFileSync, writeFileSync } from "node:fs";
import type { Status } from "../../core/margin/status.ts";
import { openReplay } from "../feed/replay.ts";
import { type Story, type StoryPoint, tellStory } from "./story.ts";

export const README_BEGIN = "<!-- march-2020: written by gateway/demo/readme.ts -->";
export const README_END = "<!-- march-2020: end -->";
export const MARCH_2020 = { from: "2020-03-01", to: "2020-03-20" } as const;

/** Days that the table shows. */
const SHOWN = ["03-02", "03-08", "03-09", "03-12", "03-13", "03-14", "03-16", "03-19"];

export async function marchStory(file: string): Promise<Story> {
  return tellStory(await openReplay({ file, ...MARCH_2020 }), "perp-1", "BTC");
}

/** The README's section as Markdown. */
export function marchSection(story: Story): string {
  const first = (status: Status) =>
    story.changes.find(({ account }) => account.status === status)?.at ?? Number.NaN;
  const peak = story.ranges.reduce((most, range) => (range.initial > most.initial ? range : most));
  const last = story.ranges.at(-1)!;
  const days = story.days.filter(({ at }) => SHOWN.includes(dateOf(at).slice(5)));
  return [
    "| 00:00 UTC | BTC | range, initial / maintenance | `perp-1` equity | IM | MM | status |",
    "| --- | ---: | ---: | ---: | ---: | ---: | --- |",
    ...days.map(rowOf),
    "",
    `The published range took ${new Set(story.ranges.map(({ initial }) => initial)).size} values ` +
      `in ${story.turns.toLocaleString("en-US")} turns. \`perp-1\` met its margin call at ` +
      `${momentOf(first("marginCall"))} UTC and was up for liquidation at ` +
      `${momentOf(first("liquidation"))}; nobody liquidates it here, so it ` +
      `goes on to a deficit at ${momentOf(first("deficit"))}. The range ` +
      `peaked at ±${percent(peak.initial)} on ${momentOf(peak.at)} and was back at ` +
      `±${percent(last.initial)} by ${momentOf(last.at)}: up in hours, down in days.`,
  ].join("\n");
}

function rowOf({ at, index, range, account }: StoryPoint): string {
  const cells = [
    dateOf(at),
    money(index),
    `±${percent(range.initial)} / ±${percent(range.maintenance)}`,
    money(account.equity),
    money(account.initialMargin),
    money(account.maintenanceMargin),
    account.status,
  ];
  return `| ${cells.join(" | ")} |`;
}

const dateOf = (at: number) => new Date(at).toISOString().slice(0, 10);
const momentOf = (at: number) =>
  Number.isNaN(at) ? "no time" : new Date(at).toISOString().slice(0, 16).replace("T", " ");
const percent = (value: number) => `${(100 * value).toFixed(2)} %`;
const money = (value: number) => Math.round(value).toLocaleString("en-US");

/** `readme` with the section between its marks replaced. */
export function withSection(readme: string, section: string): string {
  const from = readme.indexOf(README_BEGIN);
  const to = readme.indexOf(README_END);
  return `${readme.slice(0, from + README_BEGIN.length)}\n${section}\n${readme.slice(to)}`;
}

if (import.meta.main) {
  const section = marchSection(await marchStory(process.argv[2] ?? ""));
  writeFileSync("README.md", withSection(readFileSync("README.md", "utf8"), section));
}
