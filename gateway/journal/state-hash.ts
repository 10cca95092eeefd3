/**
 * Two fingerprints to compare notes by: of what was folded, and of the code that did it.
 *
 *      stateHash    SHA-256 of the canonical JSON {"pairs": …, "regimes": {id: …}, "state": …}
 *      kernelHash   SHA-256 over the code of core and regime as this process runs it
 *
 * Equal lists folded by equal code give equal state hashes, live, replayed and restored from a
 * snapshot. The text is hashed account by account, for as a whole it may be larger than a string
 * can be.
 */
import { createHash, type Hash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { canonicalJson } from "../../core/canonical.ts";
import type { EngineState } from "../../core/engine/state.ts";
import { accountDocument, stateDocument } from "../../core/engine/state-document.ts";
import {
  type Comovement,
  type RegimeState,
  snapshotComovement,
  snapshotRegime,
} from "../../regime/index.ts";

/** SHA-256, 64 hex digits, of the state (state-document.ts), its regimes and their pairs. */
export function stateHash(
  state: EngineState,
  regimes: ReadonlyMap<string, RegimeState> = new Map(),
  pairs?: Comovement,
): string {
  const snapshots = [...regimes].map(([id, regime]) => [id, snapshotRegime(regime)] as const);
  const hash = createHash("sha256");
  hash.update("{");
  if (pairs !== undefined) hash.update(`"pairs":${canonicalJson(snapshotComovement(pairs))},`);
  hash.update(`"regimes":${canonicalJson(Object.fromEntries(snapshots))},"state":`);
  const document = stateDocument({ ...state, accounts: new Map() });
  addMembers(hash, document, (name, value) =>
    name === "accounts" ? addAccounts(hash, state) : hash.update(canonicalJson(value)),
  );
  return hash.update("}").digest("hex");
}

function addAccounts(hash: Hash, { accounts }: EngineState): void {
  addMembers(hash, Object.fromEntries(accounts), (_id, account) =>
    hash.update(canonicalJson(accountDocument(account))),
  );
}

/** The canonical text of an object, each value by `add`. */
function addMembers<T extends object>(
  hash: Hash,
  members: T,
  add: (name: string, value: T[keyof T]) => void,
): void {
  let before = "{";
  for (const name of Object.keys(members).sort()) {
    hash.update(`${before}${canonicalJson(name)}:`);
    add(name, members[name as keyof T]);
    before = ",";
  }
  hash.update(before === "{" ? "{}" : "}");
}

let kernel: string | undefined;

/**
 * SHA-256, 64 hex digits, over every source file of the rooms core and regime that this process
 * would load: `.js` in a built package, `.ts` in a checkout that runs its sources, so the two
 * differ. Tests and declarations are left out. Each file counts with its path below the root, in
 * the order of the paths, and its bytes.
 *
 * Not covered: what the gateway adds (the calendar of Turns, the feeds), the declared numbers in
 * config, which the state names by the hash of its terms, decimal.js and Node itself.
 *
 * Read once; the answer is the same for every process of one build.
 */
export function kernelHash(): string {
  kernel ??= hashOf(fileURLToPath(new URL("../../", import.meta.url)), extname(import.meta.url));
  return kernel;
}

const ROOMS = ["core", "regime"] as const;
const LEFT_OUT = /\.(test|test-kit|d)\.ts$/;

/** @param root folder of the rooms; @param extension of the files that count, with its dot */
export function hashOf(root: string, extension: string): string {
  const hash = createHash("sha256");
  const paths = ROOMS.flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: "utf8" }).map((path) =>
      [room, ...path.split(sep)].join("/"),
    ),
  );
  for (const path of paths.sort()) {
    if (extname(path) !== extension || LEFT_OUT.test(path)) continue;
    const bytes = readFileSync(join(root, path));
    hash.update(`${path}\n${bytes.length}\n`).update(bytes);
  }
  return hash.digest("hex");
}
