/**
 * A whole run: a real gateway, its subscribers, and after it the baseline with the same readers.
 *
 *      this process              another
 *      generator, N readers ◄── gateway with a market at the rate
 *      generator, N readers ◄── bare sender, frames of the size just measured
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { RiskError } from "../core/errors.ts";
import { type ApiKey, signedAuth } from "../gateway/client/sign.ts";
import { demoAccounts } from "../gateway/demo/accounts.ts";
import { simSettings } from "../gateway/feed/settings.ts";
import type { TransportName } from "../gateway/stream/socket.ts";
import { type Child, moduleFile, startChild } from "./child.ts";
import { type Measured, measure } from "./measure.ts";
import { meanBytes, type Report, reportOf } from "./report.ts";
import type { Scenario } from "./scenario.ts";
import type { Ask } from "./swarm.ts";
import { wallMs } from "./wire.ts";

/** The role that may read every account and nothing more. */
const READER = "demo-viewer";

/** Market time over wall time at which the market sends that many marks a second. */
const speedOf = ({ marksPerSecond }: Scenario) => (marksPerSecond * simSettings.stepMs) / 1_000;

/** @throws RiskError what either process refused; the signal's reason when it ended the run */
export async function runLoad(scenario: Scenario, signal?: AbortSignal): Promise<Report> {
  const loadBefore = loadavg()[0] ?? 0;
  const { transport, gateway } = await measureGateway(scenario, signal);
  const frameBytes = meanBytes(gateway);
  const baseline = await measureBare(scenario, { transport, frameBytes }, signal);
  return reportOf({ scenario, transport, gateway, baseline, loadBefore });
}

async function measureGateway(scenario: Scenario, signal?: AbortSignal) {
  const data = mkdtempSync(join(tmpdir(), "slidewire-load-"));
  try {
    const child = await startChild(moduleFile("./gateway-main"), [
      ...["serve", "--json", "--ready-json", "--port", "0", "--data", data],
      ...["--speed", String(speedOf(scenario)), "--seed", String(scenario.seed)],
      ...["--transport", scenario.transport],
    ]);
    const key = readerKey(textOf(child, "demoKeys"));
    const asks = async (i: number) => subscription(key, demoAccounts[i % demoAccounts.length]!);
    const gateway = await measured(child, { scenario, asks, signal });
    return { gateway, transport: textOf(child, "transport") as TransportName };
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

async function measureBare(
  scenario: Scenario,
  { transport, frameBytes }: { transport: TransportName; frameBytes: number },
  signal?: AbortSignal,
): Promise<Measured> {
  const { codec } = scenario;
  const { stepMs } = simSettings;
  const options = { transport, codec, frameBytes, speed: speedOf(scenario), stepMs };
  const child = await startChild(moduleFile("./bare-main"), [JSON.stringify(options)]);
  return measured(child, { scenario, asks: async () => [], signal });
}

interface Measurement {
  readonly scenario: Scenario;
  asks(subscriber: number): Promise<readonly Ask[]>;
  readonly signal: AbortSignal | undefined;
}

/** Measures the sender and ends it, whatever happens. */
async function measured(child: Child, { scenario, asks, signal }: Measurement): Promise<Measured> {
  const { subscribers, seconds, codec } = scenario;
  const { stepMs } = simSettings;
  const options = { subscribers, seconds, codec, stepMs, asks, url: textOf(child, "url") };
  try {
    return await measure({ ...options, ...(signal === undefined ? {} : { signal }) });
  } finally {
    await child.stop();
  }
}

async function subscription(key: ApiKey, account: string): Promise<readonly Ask[]> {
  return [
    { method: "auth", params: await signedAuth(key, wallMs()) },
    { method: "subscribe", params: { channels: [`margin.${account}.raw`] } },
  ];
}

function readerKey(file: string): ApiKey {
  const { keys } = JSON.parse(readFileSync(file, "utf8")) as { keys: readonly ApiKey[] };
  const key = keys.find(({ keyId }) => keyId === READER);
  if (key !== undefined) return key;
  throw new RiskError("malformed_file", { path: file, expected: `a key ${READER}` });
}

function textOf({ ready }: Child, name: string): string {
  const value = ready[name];
  if (typeof value === "string") return value;
  throw new RiskError("missing_field", { path: name, expected: "in the ready line" });
}
