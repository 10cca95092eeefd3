import { describe, expect, it } from "vitest";
import { canonicalJson } from "../canonical.ts";
import { RiskError } from "../errors.ts";
import { type Admission, type Admitted, openAdmission } from "./admission.ts";
import { checkCommand } from "./check-command.ts";
import { isOfAccount, type Submission } from "./command.ts";
import { checkCommandShape } from "./command-shape.ts";
import {
  type Desk,
  type Dice,
  dice,
  filled,
  fullMarks,
  instruments,
  openDesk,
  opened,
} from "./engine.test-kit.ts";
import { foldCommand } from "./fold.ts";
import { type AppliedKey, keysOf } from "./key-ring.ts";
import { fingerprint } from "./ledger.ts";
import { nothingMoved } from "./moved.ts";
import { type EngineState, forkState } from "./state.ts";
import { stateDocument } from "./state-document.ts";

/** The definition: a copy of everything, made anew after each Turn. */
function slowAdmission(state: EngineState): Admission {
  let ahead: EngineState | undefined;
  return {
    admit(submission, { at = state.at } = {}) {
      const command = checkCommandShape(submission, "") as Submission;
      const now = ahead ?? state;
      const { account, key } = { account: "", key: undefined, ...command };
      const held = now.accounts.get(account);
      const applied = held && keysOf(held.keys).find((one) => one.key === key);
      if (applied !== undefined) return replayOf(applied, command);
      checkCommand(now, command, at);
      ahead ??= forkState(state);
      foldCommand(ahead, command, nothingMoved());
      const version = isOfAccount(command) ? ahead.accounts.get(account)!.version : null;
      return { seq: ahead.commands, version, replayed: false, command };
    },
    ahead: () => ahead ?? state,
    settled(waiting) {
      ahead = waiting.length === 0 ? undefined : forkState(state);
      for (const command of waiting) foldCommand(ahead!, command, nothingMoved());
    },
  };
}

function replayOf({ print, seq, version }: AppliedKey, command: Submission): Admitted {
  if (print === fingerprint(canonicalJson(command)))
    return { seq, version, replayed: true, command };
  throw new RiskError("conflict", {
    path: "key",
    expected: "the command that was sent with this key before, or another key",
    found: "another command",
    retryable: false,
  });
}

/** Everything but when fills ahead were made, which nobody is told. */
function documentOf(state: EngineState): string {
  const document = stateDocument({ ...state, accounts: new Map(state.accounts) });
  const accounts = Object.values(document.accounts).map((account) => ({
    ...account,
    fills: account.fills.map((event) => ({ ...event, turn: 0, at: 0 })),
  }));
  return canonicalJson({ ...document, accounts });
}

const names = ["a", "b", "c", "d", "e"];
const perpetuals = ["BTC_USDC-PERP", "BTC-PERP", "ETH_USDC-PERP"];

/** @param rare share of commands that are no account's, percent */
function randomCommand(chance: Dice, n: number, rare: number): Submission {
  if (chance.below(100) < rare) return rareCommand(chance, n);
  const account = chance.pick(names);
  const key = chance.below(2) === 0 ? {} : { key: `key-${chance.below(n + 2)}` };
  const instrument = chance.pick(perpetuals);
  switch (chance.below(6)) {
    case 0:
      return { kind: "Account", account, mode: "portfolio", ...key };
    case 1: {
      const amount = `${chance.below(2_000) - 1_000}`;
      return { kind: "Transfer", account, currency: "USDC", amount, ...key };
    }
    case 2:
      return { kind: "Positions", account, positions: [], ...key };
    default: {
      const quantity = `${chance.below(9) - 4}`;
      return { kind: "Fill", account, fills: [{ instrument, quantity, price: "100" }], ...key };
    }
  }
}

function rareCommand(chance: Dice, n: number): Submission {
  const listing = { kind: "Listing", underlyings: [], currencies: [], delisted: [] } as const;
  const slideRange = { initial: 0.2, maintenance: 0.1 + chance.below(9) / 100 };
  return chance.pick<Submission>([
    { ...listing, instruments: [{ ...instruments[1]!, id: `NEW-${n}` }] },
    { kind: "Settle", what: "session", instrument: "BTC_USDC-PERP", price: `${90 + (n % 20)}` },
    { kind: "MarkState", state: "DEGRADED", stale: ["BTC"], quarantined: [] },
    { kind: "GridChange", underlying: "BTC", slideRange, volScale: 1, label: "", evidence: {} },
  ]);
}

const told = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    if (error instanceof RiskError) return { code: error.code, ...error.detail };
    throw error;
  }
};

interface Rig {
  readonly desk: Desk;
  readonly both: readonly [Admission, Admission];
  waiting: Submission[];
}

const settle = ({ both, waiting }: Rig) => {
  for (const one of both) one.settled(waiting);
};

function step(rig: Rig, chance: Dice, n: number, rare: number): void {
  const { desk, both } = rig;
  const what = chance.below(10);
  if (what < 7) {
    const submission = randomCommand(chance, n, rare);
    const [fast, slow] = both.map((one) => told(() => one.admit(submission)));
    expect(fast).toEqual(slow);
    const { command, replayed } = fast as { command?: Submission; replayed?: boolean };
    if (command !== undefined && replayed === false) rig.waiting.push(command);
  } else if (what < 9) {
    const commands = rig.waiting.splice(0, chance.below(rig.waiting.length + 1));
    const marks = { BTC: fullMarks["BTC"]![0] + chance.below(999) };
    desk.fold({ commands, ...(chance.below(2) === 0 ? {} : { marks }) });
    settle(rig);
  } else {
    rig.waiting.splice(chance.below(rig.waiting.length + 1));
    settle(rig);
  }
}

describe("the state ahead", () => {
  it.each([
    [1, 0],
    [2, 0],
    [3, 3],
    [4, 3],
    [5, 20],
  ])(
    "is what a copy folded anew would be, Turn for Turn: seed %i, %i in 100 rare",
    (seed, rare) => {
      const chance = dice(seed);
      const desk = openDesk();
      const { state } = desk.engine;
      const rig: Rig = { desk, both: [openAdmission(state), slowAdmission(state)], waiting: [] };
      for (let n = 0; n < 300; n++) {
        step(rig, chance, n, rare);
        const [fast, slow] = rig.both.map((one) => one.ahead());
        expect([...fast!.accounts.keys()]).toEqual([...slow!.accounts.keys()]);
        expect(fast!.accounts.size).toBe(slow!.accounts.size);
        expect(documentOf(fast!), `step ${n}`).toBe(documentOf(slow!));
      }
    },
  );

  it("is made anew where a Turn took up others than the oldest", () => {
    const desk = openDesk();
    const { state } = desk.engine;
    desk.apply(...["a", "b"].flatMap((id) => opened(id)));
    const both = [openAdmission(state), slowAdmission(state)] as const;
    const commands = ["a", "b"].map((id) => filled(id, "BTC_USDC-PERP", "1", "100"));
    const [first, second] = commands.map((one) => both.map((on) => on.admit(one).command)[0]!);
    desk.fold({ commands: [second!] });
    settle({ desk, both, waiting: [first!] });
    const [fast, slow] = both.map((one) => documentOf(one.ahead()));
    expect(fast).toBe(slow);
  });
});
