/**
 * Watches one account of a gateway on this machine for a few seconds.
 *
 *      node examples/watch-account.ts http://127.0.0.1:8787 data/demo-keys.json perp-1
 */
import { readFileSync } from "node:fs";
import { connect } from "../gateway/client/index.ts";

const [url = "http://127.0.0.1:8787", keyFile = "data/demo-keys.json", account = "perp-1"] =
  process.argv.slice(2);
const { keys } = JSON.parse(readFileSync(keyFile, "utf8")) as {
  keys: { keyId: string; secret: string }[];
};

const client = await connect(url, { auth: keys[0]! });
const ended = AbortSignal.timeout(5_000);
for await (const { turn, data } of client.margin(account, { interval: "1s", signal: ended })) {
  const { status, initialMargin, marginRatio } = data as {
    status: string;
    initialMargin: number;
    marginRatio: number | null;
  };
  console.log(turn, status, Math.round(initialMargin), marginRatio);
}
await client.close();
