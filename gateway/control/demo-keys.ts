/**
 * The keys of the demonstration: one for each role, made on the first start, good on loopback only.
 *
 * Roles are scopes and nothing else. The pair of quants shows why approval needs a second key, and
 * the key of a single account what it gets when it asks for another's.
 */
import { existsSync } from "node:fs";
import { changeKeyFile, openKeyFile } from "./key-file.ts";
import { type Keys, newKey } from "./keys.ts";
import { roles } from "./roles.ts";

export const DEMO_KEYS_FILE = "demo-keys.json";

export const demoRoles = [
  { keyId: "demo-trader", principal: "trader", scopes: roles.trader },
  { keyId: "demo-viewer", principal: "viewer", scopes: roles.viewer },
  { keyId: "demo-mm-1", principal: "mm-1", scopes: ["margin:read:mm-1", "simulate"] },
  { keyId: "demo-feed", principal: "feed", scopes: roles.feed },
  { keyId: "demo-quant-propose", principal: "quant-a", scopes: roles["quant-propose"] },
  { keyId: "demo-quant-approve", principal: "quant-b", scopes: roles["quant-approve"] },
  { keyId: "demo-ops", principal: "ops", scopes: roles.ops },
] as const;

/**
 * Opens the demo keys of a data folder, making the file when there is none.
 *
 * @param path the file itself, `DATA/demo-keys.json`
 * @throws RiskError as `readKeyFile` and `changeKeyFile` do
 */
export function openDemoKeys(path: string): Keys {
  if (!existsSync(path)) {
    changeKeyFile(path, () => (existsSync(path) ? undefined : demoRoles.map(newKey)));
  }
  return openKeyFile(path, { loopbackOnly: true });
}
