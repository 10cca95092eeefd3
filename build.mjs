/**
 * Builds dist/ with the project's own TypeScript; without one installed there is nothing to do.
 *
 * Plain JavaScript, because it runs before setup is sure to be done and on Node versions that do
 * not strip types. Files that are not TypeScript but travel with the package are copied beside it.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, rmSync } from "node:fs";

const compiler = "node_modules/typescript/bin/tsc";
const copied = [["gateway/ui/page", "dist/gateway/ui/page"]];

if (existsSync(compiler)) {
  rmSync("dist", { recursive: true, force: true });
  const built = spawnSync(process.execPath, [compiler, "-p", "tsconfig.json"], {
    stdio: "inherit",
  });
  if (built.status !== 0) process.exit(built.status ?? 1);
  for (const [from, to] of copied) if (existsSync(from)) cpSync(from, to, { recursive: true });
  if (existsSync("dist/gateway/main.js")) chmodSync("dist/gateway/main.js", 0o755);
}
