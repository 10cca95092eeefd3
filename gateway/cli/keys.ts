/**
 * `slidewire keys new|list|revoke`: API keys in the data folder, `DATA/keys.json`, mode 0600.
 *
 * A secret is shown once, when its key is made. A gateway that runs on the folder takes up a new
 * key, and closes the connections of a revoked one, within a second.
 */
import { join } from "node:path";
import { RiskError, shown } from "../../core/errors.ts";
import { addKey, readKeyFile, revokeKey } from "../control/key-file.ts";
import { KEYS_FILE } from "../control/keys.ts";
import { scopesOf } from "../control/roles.ts";
import { prepareFolder } from "../journal/folder-lock.ts";
import type { FlagName, FlagValues, Verb } from "./verb.ts";

export const keysVerb: Verb = {
  name: "keys",
  usage: "new | list | revoke ID",
  summary: "make, list and revoke API keys of a data folder",
  flags: ["data", "principal", "scopes", "json"],
  positionals: [1, 2],
  example: "slidewire keys new --principal desk-a --scopes trader --data ./data",
  run: keys,
};

const DATA = "data";

async function keys(flags: FlagValues): Promise<number> {
  const [action, id] = flags.positional;
  const data = flags.text("data") ?? DATA;
  const path = join(data, KEYS_FILE);
  if (action === "new" && id === undefined) makeKey(path, data, flags);
  else if (action === "list" && id === undefined) listKeys(path, flags);
  else if (action === "revoke" && id !== undefined) revoke(path, id, flags);
  else {
    throw new RiskError("unknown_command", {
      path: `keys ${action}`,
      expected: `keys ${keysVerb.usage}`,
      found: shown(flags.positional.join(" ")),
    });
  }
  return 0;
}

function makeKey(path: string, data: string, flags: FlagValues): void {
  const principal = required(flags, "principal", "whom the key belongs to");
  const scopes = scopesOf(required(flags, "scopes", "roles and scopes, trader"), "--scopes");
  prepareFolder(data);
  const key = addKey(path, { principal, scopes });
  const text = [
    `key     ${key.keyId}`,
    `secret  ${key.secret}   (shown this once)`,
    `for     ${principal}: ${scopes.join(" ")}`,
    `in      ${path}`,
  ];
  say(flags, key, text);
}

function listKeys(path: string, flags: FlagValues): void {
  const all = readKeyFile(path).map(({ keyId, principal, scopes }) => ({
    keyId,
    principal,
    scopes,
  }));
  const lines = all.map((key) => `${key.keyId}  ${key.principal}  ${key.scopes.join(" ")}`);
  say(flags, { keys: all }, lines.length > 0 ? lines : [`no keys in ${path}`]);
}

function revoke(path: string, id: string, flags: FlagValues): void {
  if (!revokeKey(path, id)) {
    throw new RiskError("unknown_value", {
      path: "ID",
      expected: `a key in ${path}`,
      found: shown(id),
    });
  }
  say(flags, { revoked: id }, [`revoked ${id}`]);
}

function required(flags: FlagValues, name: FlagName, meaning: string): string {
  const value = flags.text(name);
  if (value !== undefined) return value;
  throw new RiskError("missing_field", { path: `--${name}`, expected: meaning });
}

function say(flags: FlagValues, tree: object, lines: readonly string[]): void {
  const text = flags.has("json") ? JSON.stringify(tree) : lines.join("\n");
  process.stdout.write(`${text}\n`);
}
