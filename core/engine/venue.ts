/**
 * Cash by double entry: whatever moves in an account is written on the venue's side as well.
 *
 *      account   + 100 USDC          venue   transfers - 100 USDC
 *      account   -   2 USDC          venue   fees      +   2 USDC
 *
 * So for every currency the accounts' cash and the venue's sides add up to exactly zero, after
 * every command, roundings included: what is rounded away from an account stands here.
 */
/** Why cash moved. Trades are premiums and prices paid; futures move none until they settle. */
export const sides = ["transfers", "fees", "trades", "settlements", "funding"] as const;
export type Side = (typeof sides)[number];

/** What the venue has received for each reason, in one currency; negative is what it paid out. */
export type VenueSides = Readonly<Record<Side, bigint>>;

/** The venue's sides by currency. */
export type Venue = Map<string, VenueSides>;

const nothing: VenueSides = { transfers: 0n, fees: 0n, trades: 0n, settlements: 0n, funding: 0n };

/** Moves cash into an account's `balances` (negative: out), and the same amount the other way. */
export function moveCash(
  venue: Venue,
  balances: Map<string, bigint>,
  currency: string,
  { amount, side }: { readonly amount: bigint; readonly side: Side },
): void {
  if (amount === 0n) return;
  const left = (balances.get(currency) ?? 0n) + amount;
  if (left === 0n) balances.delete(currency);
  else balances.set(currency, left);
  const before = venue.get(currency) ?? nothing;
  venue.set(currency, { ...before, [side]: before[side] - amount });
}
