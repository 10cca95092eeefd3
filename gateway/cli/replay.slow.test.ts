import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadTerms, termsHash } from "../../config/terms.ts";
import type { WireTree } from "../board.ts";
import { systemClock } from "../clock.ts";
import { SNAPSHOT_FOLDER } from "../data-folder.ts";
import { eventsOf, openDemo, smallSim } from "../flow.test-kit.ts";
import { type Gateway, openGateway } from "../gateway.ts";
import { openFolder } from "../journal/folder.ts";
import { openJournal } from "../journal/journal.ts";
import { openSnapshots } from "../journal/snapshots.ts";
import { stateHash } from "../journal/state-hash.ts";

const main = new URL("../main.ts", import.meta.url).pathname;
const terms = loadTerms("slidewire");

/** What was live after a Turn. */
interface Then {
  readonly seq: number;
  readonly at: number;
  readonly hash: string;
  readonly statements: readonly (WireTree | undefined)[];
}

let data: string;
/** After which events it is looked at: statements with liquidation prices are not cheap. */
const told = [9, 12, 24];
const past: Then[] = [];

function noted({ flow, board }: Gateway): Then {
  const { seq, at } = flow.engine.state;
  const statements = [...board.accounts()].sort().map((account) => board.statement(account));
  return { seq, at, hash: stateHash(flow.engine.state, flow.regimes, flow.pairs()), statements };
}

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), "slidewire-replay-"));
  const journal = await openJournal(data);
  const feed = smallSim();
  const gateway = await openGateway({
    ...{ journal, terms, termsHash: termsHash(terms), clock: systemClock },
    snapshots: openSnapshots(openFolder(join(data, SNAPSHOT_FOLDER))),
    feed: () => feed,
    onFault: (error) => {
      throw error;
    },
  });
  for (const [i, event] of eventsOf(feed, 25).entries()) {
    gateway.flow.accept(event);
    if (i === 1) openDemo(gateway.flow);
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (told.includes(i)) past.push(noted(gateway));
  }
  await gateway.close();
  await journal.close();
});

afterAll(() => rmSync(data, { recursive: true, force: true }));

function replay(...flags: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, "replay", ...flags], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const lines = (text: string) => text.split("\n").filter((line) => line !== "");
  return { status, answers: lines(stdout).map((line) => JSON.parse(line)), said: lines(stderr) };
}

/** Only a live gateway knows in which Turn a figure moved last. */
const timeless = (statement: WireTree | undefined) => ({ ...statement, turn: null });

describe("a replay", () => {
  it("gives the state that was live: the newest, at a Turn, and at a moment", () => {
    const newest = replay(data, "--state-hash", "--json");
    expect(newest.answers).toMatchObject([{ stateHash: past.at(-1)!.hash }]);
    const then = past[1]!;
    const bySeq = replay(data, "--until", String(then.seq), "--state-hash");
    expect(bySeq.answers).toMatchObject([{ seq: then.seq, stateHash: then.hash }]);
    const moment = new Date(then.at).toISOString();
    const byTime = replay(data, "--until", moment, "--state-hash");
    expect(byTime.answers).toEqual(bySeq.answers);
  });

  it("gives every account's figures as they were, to the bit", () => {
    for (const then of [past[0]!, past.at(-1)!]) {
      const { answers } = replay(data, "--until", String(then.seq), "--json", "--raw");
      const raw = answers.map((one) => timeless(one.raw));
      expect(raw).toEqual(JSON.parse(JSON.stringify(then.statements.map(timeless))));
    }
  });

  it("gives what they would have been under other terms", () => {
    const { answers } = replay(data, "--terms", "paradex-pm", "--json");
    expect(answers).toHaveLength(7);
    for (const one of answers) expect(one.terms.name).toBe("paradex-pm");
    const own = replay(data, "--json").answers;
    expect(answers.map((one) => one.initialMargin)).not.toEqual(
      own.map((one) => one.initialMargin),
    );
  });

  it("says of an account that other terms refuse why they do", () => {
    const { answers } = replay(data, "--terms", "deribit-pm", "--json");
    const refused = answers.filter(({ status }) => status === "incomplete");
    expect(refused.map(({ account }) => account)).toEqual(["mm-1", "unified-1"]);
    for (const { missing } of refused) expect(missing[0]).toMatch(/one underlying per account/);
  });

  it.each([
    ["no such folder", ["/none"], "unreadable_file", 2],
    ["a Turn that is not there yet", ["--until", "9999"], "out_of_bounds", 2],
    ["a Turn before the first", ["--until", "0"], "out_of_bounds", 2],
    ["a moment before the first", ["--until", "1999-01-01"], "out_of_bounds", 2],
    ["no moment", ["--until", "soon"], "out_of_bounds", 2],
    ["terms that are not there", ["--terms", "none"], "unknown_terms", 2],
  ])("answers %s in one line", (_, flags, code, exit) => {
    const args = flags[0]!.startsWith("--") ? [data, ...flags] : flags;
    const { status, answers, said } = replay(...args, "--json");
    expect([status, answers, said.length]).toEqual([exit, [], 1]);
    expect(JSON.parse(said[0]!)).toMatchObject({ error: { code } });
  });
});
