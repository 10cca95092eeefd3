/**
 * Roles and scopes by name: what a key may be given.
 *
 * A role is a set of scopes and nothing else; a key may have several, and scopes beside them.
 * Scopes only ever add up: whoever reads every account is not held to one by naming it.
 */
import { RiskError, shown } from "../../core/errors.ts";

export const roles = {
  trader: ["margin:read:*", "regime:read", "simulate", "positions:write"],
  viewer: ["margin:read:*", "regime:read"],
  feed: ["marks:write"],
  "quant-propose": ["regime:read", "regime:propose"],
  "quant-approve": ["regime:read", "regime:approve"],
  ops: ["margin:read:*", "regime:read", "accounts:open", "liquidation:act", "admin"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Scopes that stand by themselves; `margin:read:` has an account or `*` behind it. */
export const plainScopes = [
  "regime:read",
  "regime:propose",
  "regime:approve",
  "simulate",
  "positions:write",
  "marks:write",
  "accounts:open",
  "liquidation:act",
  "admin",
] as const;

const EVERY_ACCOUNT = "margin:read:*";
const ACCOUNT_SCOPE = /^margin:read:(\*|[\x21-\x2b\x2d-\x7e]{1,64})$/;

/**
 * The scopes that a list of roles and scopes stands for, each once:
 * `positions:write,margin:read:mm-1`.
 *
 * @throws RiskError `unknown_value`: a misspelt scope would be no right, and nobody would say so;
 * `unsupported`: an account beside all of them looks like a limit and is none
 */
export function scopesOf(list: string, path: string): readonly string[] {
  const scopes = list.split(",").flatMap((part) => {
    const name = part.trim();
    if (Object.hasOwn(roles, name)) return roles[name as keyof typeof roles];
    if ((plainScopes as readonly string[]).includes(name) || ACCOUNT_SCOPE.test(name))
      return [name];
    throw new RiskError("unknown_value", {
      path,
      expected: [...Object.keys(roles), ...plainScopes, "margin:read:{account|*}"].join(", "),
      found: shown(name),
    });
  });
  const account = scopes.find((scope) => ACCOUNT_SCOPE.test(scope) && scope !== EVERY_ACCOUNT);
  if (account !== undefined && scopes.includes(EVERY_ACCOUNT)) {
    const expected = `no ${EVERY_ACCOUNT}, which trader, viewer and ops bring, beside one account`;
    throw new RiskError("unsupported", { path, expected, found: shown(account) });
  }
  return [...new Set(scopes)];
}
