/**
 * The thread that holds the journal's files: what it is asked to write it writes, one batch after
 * the other, and answers when it is on disk. The fold never waits for a disk.
 */
import { parentPort, workerData } from "node:worker_threads";
import { RiskError } from "../../core/errors.ts";
import { systemClock } from "../clock.ts";
import { passGate } from "./exit-gate.ts";
import { checkedRecords, type Link, type Unchained } from "./frames.ts";
import { asRiskError } from "./group-commit.ts";
import { commitBatch } from "./journal-over.ts";
import { openSqliteStore, type SqliteStore } from "./sqlite-store.ts";
import { type Answered, type Asked, READ_BYTES, type WorkerSettings } from "./worker-words.ts";

const port = parentPort;
if (port === null) throw new RiskError("invariant_broken", { expected: "a worker thread" });
const say = (answer: Answered): void => port.postMessage(answer);

const { data, gate, ...settings } = workerData as WorkerSettings;
passGate(gate, () => {
  try {
    serve(openSqliteStore(data, { ...settings, now: systemClock.now }));
  } catch (error) {
    say({ kind: "refused", error: asRiskError(error).body() });
  }
});

function serve(store: SqliteStore): void {
  port?.on("message", (asked: Asked) => {
    if (asked.kind === "write") passGate(gate, () => write(store, asked));
    else if (asked.kind === "read") read(store, asked);
    else if (asked.kind === "keep") store.keepTurns(asked.fromSeq);
    else passGate(gate, () => close(store));
  });
  const [account, turns] = [store.head("account").lastSeq, store.head("turns").lastSeq];
  say({ kind: "opened", lineage: store.lineage, lastSeqs: { account, turns } });
}

function write(store: SqliteStore, batch: Unchained): void {
  const { chain } = batch;
  try {
    commitBatch(store, batch);
    say({ kind: "written", chain });
  } catch (error) {
    say({ kind: "written", chain, error: asRiskError(error).body() });
  }
}

function read(store: SqliteStore, asked: Extract<Asked, { kind: "read" }>): void {
  const { id, chain, fromSeq } = asked;
  const batches: Unchained[] = [];
  let after: Link | undefined = asked.after;
  let bytes = 0;
  try {
    for (const batch of store.read(chain, fromSeq)) {
      checkedRecords(batch, after);
      const { firstSeq, lastSeq, hash, body } = batch;
      after = { lastSeq, hash };
      batches.push({ chain, firstSeq, lastSeq, body });
      bytes += body.length;
      if (bytes >= READ_BYTES) break;
    }
    say({ kind: "read", id, batches, ...(after === undefined ? {} : { after }) });
  } catch (error) {
    say({ kind: "read", id, batches: [], error: asRiskError(error).body() });
  }
}

function close(store: SqliteStore): void {
  store.close();
  say({ kind: "closed" });
  port?.close();
}
