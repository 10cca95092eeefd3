/**
 * The state as the waiting commands will leave it, kept from Turn to Turn.
 *
 *      folded state ──┐
 *      own accounts ──┼─► ahead ◄─ the next waiting command
 *      own venue    ──┘
 *
 * Commands of accounts write accounts and the venue and read listing and terms, so while only such
 * commands wait, everything else is the folded state's own and marks that a Turn brings are seen at
 * once. A Turn that took up exactly the oldest of them leaves what is ahead as it is. Any other
 * command takes a copy of the rest, and what is ahead must be made anew after the next Turn.
 *
 * Events of fills ahead bear the Turn before which they were admitted: nobody is told of them.
 */
import { AccountsAhead } from "./accounts-ahead.ts";
import { isOfAccount, type Submission } from "./command.ts";
import { foldCommand } from "./fold.ts";
import { nothingMoved } from "./moved.ts";
import { type EngineState, forkAround } from "./state.ts";

export class StateAhead {
  /** To be read, not kept. */
  state: EngineState;
  readonly #folded: EngineState;
  readonly #accounts: AccountsAhead;
  /** Folded here and not below, oldest first. */
  #waiting: Submission[] = [];
  /** How many of them each account has. */
  readonly #of = new Map<string, number>();
  #onlyAccounts = true;

  /** @param folded state that Turns are folded into; never changed here */
  constructor(folded: EngineState) {
    this.#folded = folded;
    this.#accounts = new AccountsAhead(folded.accounts);
    this.state = { ...folded, accounts: this.#accounts, venue: new Map(folded.venue) };
  }

  /** Folds a command that was admitted to wait behind the others. */
  fold(command: Submission): void {
    if (isOfAccount(command)) this.#of.set(command.account, this.#count(command.account) + 1);
    else if (this.#onlyAccounts) {
      this.state = forkAround(this.state, this.#accounts);
      this.#onlyAccounts = false;
    }
    foldCommand(this.state, command, nothingMoved());
    this.#waiting.push(command);
  }

  /**
   * A Turn was folded below that took up some of the oldest.
   *
   * @param waiting what it left
   * @returns whether this is the state ahead of those; else it is of no use any more
   */
  settle(waiting: readonly Submission[]): boolean {
    const taken = this.#waiting.length - waiting.length;
    const { commands } = this.state;
    const isNext = this.#onlyAccounts && this.#folded.commands + waiting.length === commands;
    if (!isNext || waiting.some((command, i) => command !== this.#waiting[taken + i])) return false;
    for (const command of this.#waiting.slice(0, taken)) this.#leave(command);
    const { venue } = this.state;
    this.state = { ...this.#folded, accounts: this.#accounts, venue, commands };
    this.#waiting = [...waiting];
    return true;
  }

  /** A command was folded below: its account is there what it was to become, or on its way. */
  #leave(command: Submission): void {
    if (!isOfAccount(command)) return;
    const { account } = command;
    const left = this.#count(account) - 1;
    if (left > 0) {
      this.#of.set(account, left);
      this.#accounts.folded(account);
    } else {
      this.#of.delete(account);
      this.#accounts.forgotten(account);
    }
  }

  #count(account: string): number {
    return this.#of.get(account) ?? 0;
  }
}
