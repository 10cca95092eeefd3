import { describe, expect, it } from "vitest";
import { canonicalJson } from "../canonical.ts";
import { RiskError } from "../errors.ts";
import type { Command, Submission } from "./command.ts";
import { dueSettlements } from "./due.ts";
import {
  type Desk,
  type Dice,
  dice,
  fullMarks,
  HASH,
  instruments,
  openDesk,
  plainTerms,
  START_MS,
  tick,
} from "./engine.test-kit.ts";
import { openEngine } from "./engine.ts";
import { foldTurn } from "./fold.ts";
import { forkState } from "./state.ts";
import { restoreState, type StateDocument, stateDocument } from "./state-document.ts";
import type { Turn } from "./turn.ts";
import { encodeTurn } from "./turn.ts";
import { decodeTurn } from "./turn-decode.ts";

const SEEDS = [1, 2, 3, 4];
const TURNS = 90;

const accounts = ["a", "b", "c", "d"];
const currencies = ["USD", "USDC", "BTC", "stETH", "DOGE"];
const ids = [...instruments.map(({ id }) => id), "NOTHING"];

const decimal = (chance: Dice, most: number) =>
  `${chance.below(3) === 0 ? "-" : ""}${chance.below(most)}.${chance.below(1e9)}`;

function line(chance: Dice) {
  const price = `${chance.below(20) === 0 ? 0 : 1 + chance.below(90_000)}.${chance.below(1e6)}`;
  return { instrument: chance.pick(ids), quantity: decimal(chance, 20), price };
}

/** Anything that might be sent, sensible or not. */
function anySubmission(chance: Dice): unknown {
  const account = chance.pick(accounts);
  const key = chance.below(4) === 0 ? { key: `k${chance.below(8)}` } : {};
  const of = { account, ...key };
  switch (chance.below(9)) {
    case 0:
      return { kind: "Account", ...of, mode: chance.pick(["portfolio", "cross"]) };
    case 1: {
      const balances = [{ currency: chance.pick(currencies), amount: decimal(chance, 1e6) }];
      return { kind: "Balances", ...of, balances };
    }
    case 2:
      return { kind: "Positions", ...of, positions: [line(chance), line(chance)] };
    case 3: {
      const order = { instrument: chance.pick(ids), side: chance.pick(["buy", "sell"]) };
      const at = { quantity: 1 + chance.below(9), price: chance.below(90_000) / 7 };
      return { kind: "Orders", ...of, orders: [{ ...order, ...at, reduceOnly: false }] };
    }
    case 4:
      return {
        kind: "Transfer",
        ...of,
        currency: chance.pick(currencies),
        amount: decimal(chance, 1e5),
      };
    case 5: {
      const what = chance.pick(["expiry", "funding", "session"]);
      const rate = what === "funding" ? { rate: decimal(chance, 2) } : {};
      return {
        kind: "Settle",
        what,
        instrument: chance.pick(ids),
        price: decimal(chance, 9e4),
        ...rate,
      };
    }
    default: {
      const fills = Array.from({ length: 1 + chance.below(3) }, () => ({
        ...line(chance),
        ...(chance.below(2) === 0 ? {} : { fee: decimal(chance, 3) }),
      }));
      return { kind: "Fill", ...of, fills };
    }
  }
}

/** What passes admission of some random submissions, in its order. */
function admitted(desk: Desk, chance: Dice, at: number): Submission[] {
  const commands: Submission[] = [];
  const admit = (submission: unknown) => {
    try {
      const { command, replayed } = desk.admission.admit(submission, { at });
      if (!replayed) commands.push(command);
    } catch (error) {
      if (!(error instanceof RiskError) || error.kind === "fault") throw error;
    }
  };
  for (const command of dueSettlements(desk.engine.state, at)) admit(command);
  for (let i = chance.below(6); i > 0; i--) admit(anySubmission(chance));
  return commands;
}

/** Every mark moved by up to a tenth. */
function movedMarks(chance: Dice, desk: Desk) {
  const { ordinals } = desk.engine.state;
  const entries = Object.entries(fullMarks).filter(
    ([id]) => ordinals.has(id) && chance.below(3) > 0,
  );
  return Object.fromEntries(
    entries.map(([id, [value, extra]]) => {
      const move = 0.9 + chance.below(2_001) / 10_000;
      return [id, [value * move, extra > 1 ? extra * move : extra] as const];
    }),
  );
}

/** A desk after random Turns; `each` sees every Turn after it is folded. */
function randomRun(seed: number, each: (desk: Desk, turn: Turn) => void = () => undefined): Desk {
  const chance = dice(seed);
  const desk = openDesk(plainTerms({}, { settlementAveragingSeconds: seed % 2 === 0 ? 4 : 0 }));
  const { engine } = desk;
  const fold = engine.fold.bind(engine);
  Object.assign(engine, {
    fold(turn: Turn, hash: string) {
      const concerned = fold(turn, hash);
      each(desk, turn);
      return concerned;
    },
  });
  for (let i = 1; i <= TURNS; i++) {
    const at = START_MS + i * 400 + (i > TURNS / 2 ? 30_000_000 : 0);
    const commands: Command[] = admitted(desk, chance, at);
    if (i % 3 === 0) commands.push(tick);
    desk.fold({ at, marks: movedMarks(chance, desk), commands });
  }
  return desk;
}

describe.each(SEEDS)("any commands that pass admission, seed %i", (seed) => {
  it("fold without a fault, and conserve cash to the last 1e-12", () => {
    let moved = 0;
    randomRun(seed, ({ engine: { state } }, turn) => {
      for (const [currency, sides] of state.venue) {
        let sum = Object.values(sides).reduce((total, amount) => total + amount, 0n);
        for (const { balances } of state.accounts.values()) sum += balances.get(currency) ?? 0n;
        expect(sum, `${currency} after turn ${turn.seq}`).toBe(0n);
        moved += 1;
      }
    });
    expect(moved).toBeGreaterThan(100);
  });

  it("give the same margins and state when the Turns are read back and folded again", () => {
    const recorded: { bytes: Uint8Array; hash: string }[] = [];
    const live = randomRun(seed, ({ engine: { state } }, turn) =>
      recorded.push({ bytes: encodeTurn(turn), hash: state.lastHash }),
    );
    const again = openDesk(live.engine.state.terms).engine;
    for (const { bytes, hash } of recorded) again.fold(decodeTurn(bytes), hash);
    expect(canonicalJson(stateDocument(again.state))).toBe(
      canonicalJson(stateDocument(live.engine.state)),
    );
    for (const id of live.engine.state.accounts.keys()) {
      const [one, other] = [live.engine.margin(id), again.margin(id)];
      expect(other?.margin.requirement).toEqual(one?.margin.requirement);
      expect(other?.margin.equity).toEqual(one?.margin.equity);
      expect(again.missing(id)).toEqual(live.engine.missing(id));
    }
  });

  it("go on from a snapshot as from the whole list", () => {
    let snapshot: string | undefined;
    const tail: { turn: Turn; hash: string }[] = [];
    const live = randomRun(seed, ({ engine: { state } }, turn) => {
      if (snapshot !== undefined) tail.push({ turn, hash: state.lastHash });
      if (turn.seq === 70) snapshot = canonicalJson(stateDocument(state));
    });
    const { terms } = live.engine.state;
    const restored = openEngine(restoreState(JSON.parse(snapshot!) as StateDocument, terms, HASH));
    for (const { turn, hash } of tail) restored.fold(turn, hash);
    expect(canonicalJson(stateDocument(restored.state))).toBe(
      canonicalJson(stateDocument(live.engine.state)),
    );
    for (const id of live.engine.state.accounts.keys()) {
      expect(restored.margin(id)?.margin.requirement).toEqual(
        live.engine.margin(id)?.margin.requirement,
      );
    }
  });

  it("never change a fork, nor a fork them", () => {
    let fork: { state: ReturnType<typeof forkState>; text: string } | undefined;
    const chance = dice(seed + 1_000);
    randomRun(seed, ({ engine: { state } }, turn) => {
      if (fork !== undefined) {
        expect(canonicalJson(stateDocument(fork.state))).toBe(fork.text);
      }
      fork = undefined;
      if (chance.below(5) > 0) return;
      const text = canonicalJson(stateDocument(state));
      fork = { state: forkState(state), text };
      const played = forkState(state);
      foldTurn(played, { ...turn, seq: turn.seq + 1, prevHash: state.lastHash, commands: [] }, "h");
      expect(canonicalJson(stateDocument(state))).toBe(text);
    });
  });
});

describe("a state document", () => {
  it("is refused where it is another's", () => {
    const document = stateDocument(openDesk().engine.state);
    const refusal = /malformed_file/;
    expect(() => restoreState(document, plainTerms(), "cd".repeat(32))).toThrow(refusal);
    const other = { ...document, slidewire: "state/0" as "state/1" };
    expect(() => restoreState(other, plainTerms(), HASH)).toThrow(refusal);
  });
});
