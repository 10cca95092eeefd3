/**
 * Trades in one account of a gateway on this machine, and follows them as events: each write is
 * answered once it is on disk, and happens once however often it is sent.
 *
 *      node examples/apply-fills.ts http://127.0.0.1:8787 data/demo-keys.json perp-1
 */
import { readFileSync } from "node:fs";
import { connect } from "../gateway/client/index.ts";

const [url = "http://127.0.0.1:8787", keyFile = "data/demo-keys.json", account = "perp-1"] =
  process.argv.slice(2);
const { keys } = JSON.parse(readFileSync(keyFile, "utf8")) as {
  keys: { keyId: string; secret: string }[];
};

const client = await connect(url, { auth: keys[0]! });
const { instruments } = (await client.call("instruments", { kind: "perpetual" })) as {
  instruments: { id: string; underlying: string }[];
};
const { id: instrument, underlying } = instruments[0]!;
let price = "0";
for await (const { data } of client.regime<{ index: number }>(underlying)) {
  price = data.index.toFixed(1);
  break;
}

const ended = AbortSignal.timeout(5_000);
const trades = client.fills(account, { signal: ended });
for (const quantity of ["0.1", "-0.1"]) {
  const fills = [{ instrument, quantity, price }];
  const idempotencyKey = crypto.randomUUID();
  const first = await client.write("fills.apply", { account, idempotencyKey, fills });
  const again = await client.write("fills.apply", { account, idempotencyKey, fills });
  console.log("applied", first.seq, "version", first.version, "on disk", first.durable);
  console.log("again  ", again.seq, "version", again.version, "replayed", again.replayed);
  for await (const { seq, kept, data } of trades) {
    if (kept || seq < first.seq) continue;
    for (const fill of data.fills) console.log("event  ", seq, fill.quantity, "at", fill.price);
    break;
  }
}
await client.close();
