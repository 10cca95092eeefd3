/**
 * Records the golden Turns: `node gateway/journal/golden-make.ts`, from the root of the project.
 *
 * A small simulated market opens a minute before 08:00 UTC with the demonstration's accounts, so
 * that expiries, funding and the session's end fall into it; every other kind of command is laid in
 * by hand. With `--expect` the Turns stay as they are and only what they fold to is written again.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { prettyJson } from "../../config/pretty-json.ts";
import { loadTerms, termsHash } from "../../config/terms.ts";
import type { Command } from "../../core/engine/command.ts";
import { demoCommands } from "../demo/accounts.ts";
import { chainSettings, simSettings } from "../feed/settings.ts";
import { openSim } from "../feed/sim.ts";
import { type Flow, openFlow } from "../flow.ts";
import { goldenOf } from "./golden.ts";
import { memoryList } from "./list.ts";
import { readTurnFile, turnFile } from "./turn-file.ts";

const TURNS = "core/cases/turns/sim.turns";
const EXPECTED = "core/cases/turns/sim.json";
const EVENTS = 240;

if (!process.argv.includes("--expect")) writeFileSync(TURNS, turnFile(await recorded()));
const file = readFileSync(TURNS);
writeFileSync(EXPECTED, prettyJson(goldenOf(file, readTurnFile(file))));

async function recorded(): Promise<Uint8Array[]> {
  const feed = openSim({
    warmDays: 5,
    settings: { ...simSettings, startAt: "2024-06-17T07:59:00Z" },
    chain: { ...chainSettings, quarters: 1, strikes: 5, sideMin: 1, strikesMax: 10 },
  });
  const terms = loadTerms("slidewire");
  const list = memoryList();
  const flow = openFlow({
    listing: feed.listing,
    barMs: feed.barMs,
    terms,
    termsHash: termsHash(terms),
    lineage: "601d".repeat(8),
    list,
    startMs: feed.startMs,
  });
  await flow.warm(feed.warm());
  let count = 0;
  for (const event of feed.steps()) {
    flow.accept(event);
    for (const command of scripted(flow, count)) flow.submit(command);
    flow.drain();
    if (count % 60 === 30) flow.idle();
    count += 1;
    if (count === EVENTS) break;
  }
  return [...list.read(1)].map(({ bytes }) => bytes);
}

/** What is said to the list after event number `count`. */
function scripted(flow: Flow, count: number): Command[] {
  const { state } = flow.engine;
  const open = [...state.market.instruments.values()].filter(
    ({ spec }) => spec.expiryMs === undefined || spec.expiryMs > state.at + 600_000,
  );
  const traded = open[(count * 7) % open.length]!.spec;
  const quantity = count % 2 === 0 ? "0.125" : "-0.25";
  const price = traded.kind === "option" ? "0" : "61234.56789";
  const fill = { instrument: traded.id, quantity, price, fee: "0.0123" };
  if (count === 0)
    return [...demoCommands(state), { kind: "Account", account: "late", mode: "cross" }];
  if (count % 9 === 0)
    return [{ kind: "Fill", account: "mm-1", fills: [fill], key: `fill-${count}` }];
  if (count === 20) {
    const marks = { stale: [traded.id], quarantined: [] };
    return [{ kind: "MarkState", state: "DEGRADED", ...marks }];
  }
  if (count === 40) return [{ kind: "MarkState", state: "OK", stale: [], quarantined: [] }];
  if (count === 50) return transfers();
  if (count === 70) return [resting(traded.id)];
  if (count === 110) return [positions(traded.id)];
  if (count === 150) return [terms("paradex-pm")];
  if (count === 190) return [terms("slidewire")];
  return [];
}

function transfers(): Command[] {
  const move = { kind: "Transfer", account: "late" } as const;
  return [
    { ...move, currency: "USDC", amount: "25000.000000000001", key: "first" },
    { ...move, currency: "BTC", amount: "0.5" },
    { ...move, currency: "USDC", amount: "-123.45" },
  ];
}

function resting(instrument: string): Command {
  const order = { instrument, quantity: 1.5, price: 1234.5, reduceOnly: false };
  const sides = ["sell", "buy"] as const;
  return { kind: "Orders", account: "mm-1", orders: sides.map((side) => ({ ...order, side })) };
}

function positions(instrument: string): Command {
  const line = { instrument, quantity: "0.3", price: "1500.5" };
  return { kind: "Positions", account: "late", positions: [line] };
}

function terms(preset: string): Command {
  const loaded = loadTerms(preset);
  return { kind: "TermsChange", terms: loaded, hash: termsHash(loaded) };
}
