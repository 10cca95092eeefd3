/**
 * Brings node_modules in step with package-lock.json, and does nothing when it already is.
 *
 * Runs before `npm start` and `npm test`, on whatever Node the machine has: plain JavaScript, no
 * dependencies. The stamp is the hash of the lockfile that was last installed.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const stampFile = "node_modules/.slidewire-lock";
const stamp = createHash("sha256").update(readFileSync("package-lock.json")).digest("hex");
const installed = existsSync(stampFile) ? readFileSync(stampFile, "utf8") : "";

if (installed !== stamp) {
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], { stdio: "inherit" });
  if (npm.status !== 0) process.exit(npm.status ?? 1);
  writeFileSync(stampFile, stamp);
}
