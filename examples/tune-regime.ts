/**
 * Changes a parameter of a regime, as two people do: one proposes, the other looks and approves.
 *
 *      node examples/tune-regime.ts http://127.0.0.1:8787 data/demo-keys.json BTC scale.damping 0.4
 *
 * The proposal must have run in the shadow for an hour of market time in the preview that is
 * approved, so the approver looks after that: a minute of a simulated market at its usual speed.
 */
import { readFileSync } from "node:fs";
import { type Client, connect } from "../gateway/client/index.ts";

const [url = "http://127.0.0.1:8787", keyFile = "data/demo-keys.json", underlying = "BTC"] =
  process.argv.slice(2);
const [path = "scale.damping", value = "0.4"] = process.argv.slice(5);
const { keys } = JSON.parse(readFileSync(keyFile, "utf8")) as {
  keys: { keyId: string; secret: string }[];
};
const as = (keyId: string): Promise<Client> =>
  connect(url, { auth: keys.find((key) => key.keyId === keyId)! });

interface State {
  readonly at: number;
  readonly version: number;
}
interface Proposal {
  readonly proposal: string;
  readonly approvableMs: number;
}
interface Preview {
  readonly hash: string;
  readonly preview: {
    readonly backtest: { readonly rows: readonly Row[] | null; readonly remark: string | null };
    readonly shadow: { readonly differenceMax: number };
    readonly whatIf: {
      readonly range: number;
      readonly accounts: number;
      readonly newlyBelow: { readonly maintenance: number };
    };
  };
}
interface Row {
  readonly name: string;
  readonly coverage: number;
  readonly meanRange: number;
  readonly tickLoss: number;
}

const quant = await as("demo-quant-propose");
const desk = await as("demo-quant-approve");

const stateNow = async () => (await quant.call("regime.get", { underlying })) as State;
const { version: expectedVersion } = await stateNow();
const changes = { [path]: Number.isNaN(Number(value)) ? value : Number(value) };
const reason = "to see what it does";
const wanted = { underlying, expectedVersion, reason, changes };
const { proposal, approvableMs } = (await quant.call("regime.propose", wanted)) as Proposal;
console.log(`proposed ${path} = ${value} as ${proposal}; its shadow runs`);

const aWhile = () => new Promise((done) => setTimeout(done, 250));
while ((await stateNow()).at < approvableMs) await aWhile();

/** Asks again while the study still runs. */
async function previewed(): Promise<Preview> {
  for (;;) {
    try {
      return (await desk.call("regime.preview", { proposal })) as Preview;
    } catch (error) {
      if ((error as { code?: string }).code !== "not_ready") throw error;
      await aWhile();
    }
  }
}

const { hash, preview } = await previewed();
const { backtest, shadow, whatIf } = preview;
if (backtest.rows === null) console.log(`no study: ${backtest.remark}`);
for (const { name, coverage, meanRange, tickLoss } of backtest.rows ?? []) {
  const [covered, mean] = [100 * coverage, 100 * meanRange].map((share) => share.toFixed(2));
  console.log(`${name}: covers ${covered} %, mean ${mean} %, tick loss ${tickLoss.toFixed(2)}`);
}
console.log(`shadow: at most ${(100 * shadow.differenceMax).toFixed(2)} % apart`);
console.log(
  `what if ${(100 * whatIf.range).toFixed(2)} %: of ${whatIf.accounts} accounts ` +
    `${whatIf.newlyBelow.maintenance} newly below maintenance`,
);

const { seq, version } = (await desk.call("regime.approve", { proposal, hash })) as {
  seq: number;
  version: number;
};
console.log(
  `approved as version ${version}, command ${seq}; what is published moves by its limits`,
);
await quant.call("regime.previewed", { hash });
console.log(`what was seen is kept as previews/${hash}.json`);
await quant.close();
await desk.close();
