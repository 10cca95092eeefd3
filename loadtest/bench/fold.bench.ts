/**
 * What one Turn costs the engine: both indexes moved, the demonstration's seven accounts margined.
 *
 *      node loadtest/bench/fold.bench.ts
 *
 * The embedded market with its full chain, fixed seed, `slidewire` terms; median and p99 of 300
 * Turns after 60 to warm up, by kind of Turn; the least is what a quiet machine does. `index` moves
 * both indexes and nothing else; `tick` adds the Tick, so time passes and every leg is priced
 * again; `empty` has nothing. `encode` is the Turn's bytes and hash, `admit` one fill held against
 * a state with the full listing. Not included: feed, guard, regime, statements and the socket. The
 * checksum of all margins belongs to the code, not the machine.
 */
import { createHash } from "node:crypto";
import { loadTerms, termsHash } from "../../config/terms.ts";
import { openAdmission } from "../../core/engine/admission.ts";
import type { Command } from "../../core/engine/command.ts";
import type { Engine } from "../../core/engine/engine.ts";
import { encodeTurn, type Turn } from "../../core/engine/turn.ts";
import { demoCommands } from "../../gateway/demo/accounts.ts";
import { openSim } from "../../gateway/feed/sim.ts";
import { openFlow } from "../../gateway/flow.ts";
import { memoryList } from "../../gateway/journal/list.ts";

const WARM_TURNS = 60;
const TURNS = 300;
const tick: Command = { kind: "Tick" };

function opened(): Engine {
  const feed = openSim({ warmDays: 2 });
  const terms = loadTerms("slidewire");
  const flow = openFlow({
    listing: feed.listing,
    barMs: feed.barMs,
    terms,
    termsHash: termsHash(terms),
    lineage: "0".repeat(32),
    list: memoryList(),
    startMs: feed.startMs,
  });
  for (const event of feed.steps()) {
    flow.accept(event);
    break;
  }
  for (const command of demoCommands(flow.engine.state)) flow.submit(command);
  flow.drain();
  return flow.engine;
}

/** The next Turn: both indexes a little up or down by `step`, `ms` later. */
function nextTurn({ state }: Engine, step: number, ms: number, commands: readonly Command[]): Turn {
  const { partition, lineage, lastHash: prevHash } = state;
  const marks = ["BTC", "ETH"]
    .filter(() => step !== 0)
    .map((id) => ({
      ordinal: state.ordinals.get(id)!,
      value: state.market.underlyings.get(id)!.index * (1 + step),
      extra: 0,
    }));
  const index = marks.map(({ ordinal, value: v }) => ({
    ...{ ordinal, open: v, high: v, low: v, last: v, count: 1 },
  }));
  const seq = state.seq + 1;
  return { partition, lineage, seq, at: state.at + ms, prevHash, marks, index, commands };
}

interface Kind {
  readonly name: string;
  readonly step: number;
  readonly ms: number;
  readonly commands: readonly Command[];
}

const kinds: readonly Kind[] = [
  { name: "empty", step: 0, ms: 0, commands: [] },
  { name: "index", step: 0.0001, ms: 0, commands: [] },
  { name: "tick", step: 0.0001, ms: 1000, commands: [tick] },
];

/** Microseconds that each of the folds took, ascending. */
function timed(engine: Engine, { step, ms, commands }: Kind): number[] {
  const took: number[] = [];
  for (let i = 0; i < WARM_TURNS + TURNS; i++) {
    const turn = nextTurn(engine, i % 2 === 0 ? step : -step, ms, commands);
    const start = process.hrtime.bigint();
    engine.fold(turn, turn.prevHash);
    if (i >= WARM_TURNS) took.push(Number(process.hrtime.bigint() - start) / 1000);
  }
  return took.sort((a, b) => a - b);
}

/** The same of anything. */
function timedAct(act: () => void): number[] {
  const took: number[] = [];
  for (let i = 0; i < WARM_TURNS + TURNS; i++) {
    const start = process.hrtime.bigint();
    act();
    if (i >= WARM_TURNS) took.push(Number(process.hrtime.bigint() - start) / 1000);
  }
  return took.sort((a, b) => a - b);
}

function told(name: string, took: readonly number[]): void {
  const at = (share: number) => took[Math.floor(share * (took.length - 1))]!.toFixed(1);
  process.stdout.write(
    `${name.padEnd(8)} least ${at(0)} us  median ${at(0.5)} us  p99 ${at(0.99)} us\n`,
  );
}

function checksum(engine: Engine): string {
  const bytes = [...engine.state.accounts.keys()].flatMap((id) => {
    const { requirement, equity } = engine.margin(id)!.margin;
    return [requirement.initial, requirement.maintenance, equity.initial, equity.maintenance];
  });
  return createHash("sha256").update(Float64Array.from(bytes)).digest("hex").slice(0, 16);
}

function run(): void {
  const engine = opened();
  const { accounts, market } = engine.state;
  const held = new Set([...accounts.values()].flatMap(({ positions }) => [...positions.keys()]));
  const listed = `${market.instruments.size} instruments, ${held.size} of them held`;
  process.stdout.write(`node ${process.version}, ${listed} by ${accounts.size} accounts\n`);
  for (const kind of kinds) told(kind.name, timed(engine, kind));
  const turn = nextTurn(engine, 0.0001, 1000, [tick]);
  told(
    "encode",
    timedAct(() => createHash("sha256").update(encodeTurn(turn)).digest("hex")),
  );
  const fill = { instrument: "BTC_USDC-PERPETUAL", quantity: "0.1", price: "65000", fee: "1.3" };
  const command = { kind: "Fill", account: "mm-1", fills: [fill] };
  told(
    "admit",
    timedAct(() => openAdmission(engine.state).admit(command)),
  );
  process.stdout.write(`checksum ${checksum(engine)}\n`);
}

run();
