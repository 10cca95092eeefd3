/**
 * `slidewire watch ACCOUNT`: one account's margin as it moves, line by line.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RiskError, shown } from "../../core/errors.ts";
import { connect } from "../client/index.ts";
import { DEMO_KEYS_FILE } from "../control/demo-keys.ts";
import type { FlagValues, Verb } from "./verb.ts";

/** A day: timers overflow beyond 24 of them. */
const DURATION_MAX = 86_400;
const URL_DEFAULT = "ws://127.0.0.1:8787/ws";

export const watchVerb: Verb = {
  name: "watch",
  usage: "ACCOUNT",
  summary: "one account's margin as it moves",
  flags: ["url", "data", "key-file", "duration", "json"],
  positionals: [1, 1],
  example: "slidewire watch perp-1 --duration 10",
  run: watch,
};

async function watch(flags: FlagValues): Promise<number> {
  const account = flags.positional[0]!;
  const file = flags.text("key-file") ?? join(flags.text("data") ?? "data", DEMO_KEYS_FILE);
  const { keyId, secret } = readKey(file);
  const seconds = flags.number("duration");
  if (seconds !== undefined && !(seconds > 0 && seconds <= DURATION_MAX)) {
    throw new RiskError("out_of_bounds", {
      path: "--duration",
      expected: `seconds above 0, at most ${DURATION_MAX}`,
      found: String(seconds),
    });
  }
  const ended = new AbortController();
  const timer = seconds === undefined ? undefined : setTimeout(() => ended.abort(), seconds * 1000);
  process.once("SIGINT", () => ended.abort());
  const client = await connect(flags.text("url") ?? URL_DEFAULT, { auth: { keyId, secret } });
  try {
    const stream = client.margin(account, { interval: "1s", signal: ended.signal });
    for await (const { data } of stream) {
      const figures = data as Figures;
      process.stdout.write(flags.has("json") ? `${JSON.stringify(figures)}\n` : lineOf(figures));
    }
  } finally {
    clearTimeout(timer);
    await client.close();
  }
  return 0;
}

function readKey(file: string): { keyId: string; secret: string } {
  try {
    const found = JSON.parse(readFileSync(file, "utf8")) as unknown;
    const keys = (found as { keys?: { keyId: string; secret: string }[] }).keys;
    const key = keys?.[0] ?? (found as { keyId: string; secret: string });
    if (typeof key.keyId === "string" && typeof key.secret === "string") return key;
  } catch (error) {
    throw new RiskError("unreadable_file", {
      path: file,
      expected: "a key file, as `slidewire serve` writes into its data folder",
      found: shown((error as NodeJS.ErrnoException).code ?? String(error)),
    });
  }
  throw new RiskError("malformed_file", { path: file, expected: "keyId and secret" });
}

type Figures = { readonly [name: string]: unknown };

function lineOf(data: Figures): string {
  const money = (value: unknown) =>
    typeof value === "number" ? Math.round(value).toLocaleString("en-US") : "-";
  const equity = (data["equity"] as Figures)["maintenance"];
  const ratio = data["marginRatio"];
  const percent = typeof ratio === "number" ? `${(100 * ratio).toFixed(1)} %` : "none";
  return (
    `${String(data["asOf"])}  ${String(data["status"]).padEnd(11)}` +
    `  equity ${money(equity).padStart(12)}  IM ${money(data["initialMargin"]).padStart(12)}` +
    `  MM ${money(data["maintenanceMargin"]).padStart(12)}  ratio ${percent.padStart(8)}\n`
  );
}
