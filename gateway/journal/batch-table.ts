/**
 * Batches of one chain in a table of a database, in the order of their numbers.
 *
 * The key is the newest number of a batch: one that only says where the chain goes on
 * (`lastSeq` = `firstSeq` - 1) stands between its neighbours as well.
 */
import { FIRST_LINK, type Link } from "./frames.ts";
import { type DatabaseSync, inOurWords, type StatementSync } from "./sqlite.ts";
import type { Chain, StoredBatch } from "./store.ts";

/** Rows read at once: a read may be long and writes go on between. */
const ROWS_AT_ONCE = 16;

export function makeBatchTable(db: DatabaseSync): void {
  db.exec(`CREATE TABLE batches(last INTEGER PRIMARY KEY, first INTEGER NOT NULL,
    prev BLOB NOT NULL, hash BLOB NOT NULL, body BLOB NOT NULL) STRICT`);
}

interface Prepares {
  readonly path: string;
  prepare(sql: string): StatementSync;
}

export class BatchTable {
  readonly #chain: Chain;
  readonly #path: string;
  readonly #insert: StatementSync | undefined;
  readonly #from: StatementSync;
  readonly #newest: StatementSync;

  constructor(chain: Chain, db: Prepares, { readOnly = false } = {}) {
    this.#chain = chain;
    this.#path = db.path;
    this.#insert = readOnly
      ? undefined
      : db.prepare(
          // Bytes of length 0 that came from another thread are bound as NULL.
          `INSERT INTO batches(last, first, prev, hash, body)
             VALUES (?, ?, ?, ?, coalesce(?, x''))`,
        );
    const columns = "SELECT last, first, prev, hash, body FROM batches";
    this.#from = db.prepare(`${columns} WHERE last >= ? ORDER BY last LIMIT ${ROWS_AT_ONCE}`);
    this.#newest = db.prepare("SELECT last, hash FROM batches ORDER BY last DESC LIMIT 1");
  }

  insert({ firstSeq, lastSeq, prev, hash, body }: StoredBatch): void {
    this.#insert?.run(lastSeq, firstSeq, prev, hash, body);
  }

  /** What the next batch follows; `after` when there is none. */
  newest(after: Link = FIRST_LINK): Link {
    const row = inOurWords(this.#path, () => this.#newest.get());
    if (row === undefined) return after;
    return { lastSeq: row["last"] as number, hash: row["hash"] as Uint8Array };
  }

  /** Batches with records from `fromSeq` on, and those that say where the chain goes on. */
  *read(fromSeq: number): Generator<StoredBatch> {
    for (let from = fromSeq; ; ) {
      const rows = inOurWords(this.#path, () => this.#from.all(from));
      for (const row of rows) {
        const lastSeq = row["last"] as number;
        yield {
          chain: this.#chain,
          firstSeq: row["first"] as number,
          lastSeq,
          prev: row["prev"] as Uint8Array,
          hash: row["hash"] as Uint8Array,
          body: row["body"] as Uint8Array,
        };
        from = lastSeq + 1;
      }
      if (rows.length < ROWS_AT_ONCE) return;
    }
  }
}
