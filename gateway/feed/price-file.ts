/**
 * A file of bars as a stream of checked rows: CSV, plain or gzip, in memory that does not grow.
 *
 *      bytes ─ gunzip? ─ lines ─ readHeader, ReadRow ─► blocks of rows
 *
 * gzip is told by its first two bytes and not by the name. Rows come in blocks, one for each chunk
 * of the file, because a promise for every row costs more than reading it.
 */
import { type FileHandle, open, stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { RiskError, shown } from "../../core/errors.ts";
import { malformed, type PriceRow, type ReadRow, readHeader } from "./price-row.ts";

/** Rows of one file: 19 years of minutes. */
export const ROWS_MAX = 10_000_000;
export const LINE_CHARACTERS_MAX = 1_000;

/**
 * The rows of `file` in order, in blocks that may be empty.
 *
 * @throws RiskError unreadable_file when there is no such file or it is not a plain file,
 *   malformed_file with the line when its content is wrong
 */
export async function* readPrices(file: string): AsyncGenerator<readonly PriceRow[]> {
  const handle = await opened(file);
  let bytes: Readable | undefined;
  const lines = new Lines();
  try {
    bytes = await contentOf(handle);
    for await (const chunk of bytes) yield lines.take((chunk as Buffer).toString("latin1"));
    yield lines.end();
  } catch (cause) {
    throw broken(cause, file, lines.count + 1);
  } finally {
    bytes?.destroy();
    await handle.close();
  }
}

/** Cuts text into lines and reads them. */
class Lines {
  /** Lines read so far, the header among them. */
  count = 0;
  #rest = "";
  #read: ReadRow | undefined;
  /** A blank line is fine only when nothing follows. */
  #blank: number | undefined;

  take(text: string): PriceRow[] {
    const pieces = (this.#rest + text).split("\n");
    this.#rest = pieces.pop() ?? "";
    if (this.#rest.length > LINE_CHARACTERS_MAX) this.#tooLong(this.#rest, this.count + 1);
    return this.#rows(pieces);
  }

  end(): PriceRow[] {
    const rows = this.#rows([this.#rest]);
    if (this.count < 3) {
      const found = `${Math.max(0, this.count - 1)} rows`;
      throw malformed(Math.max(1, this.count), "file", "a header and at least 2 rows", found);
    }
    return rows;
  }

  #rows(lines: readonly string[]): PriceRow[] {
    const rows: PriceRow[] = [];
    for (const text of lines) {
      const row = this.#line(text.endsWith("\r") ? text.slice(0, -1) : text);
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }

  #line(text: string): PriceRow | undefined {
    if (text.trim() === "") {
      this.#blank ??= this.count + 1;
      return undefined;
    }
    if (this.#blank !== undefined) throw malformed(this.#blank, "row", "a row", "a blank line");
    this.count += 1;
    if (text.length > LINE_CHARACTERS_MAX) this.#tooLong(text, this.count);
    if (this.count > ROWS_MAX + 1)
      throw malformed(this.count, "file", `at most ${ROWS_MAX} rows`, "more");
    if (this.#read !== undefined) return this.#read(text, this.count);
    this.#read = readHeader(text);
    return undefined;
  }

  #tooLong(text: string, line: number): never {
    throw malformed(line, "row", `at most ${LINE_CHARACTERS_MAX} characters`, shown(text));
  }
}

async function opened(file: string): Promise<FileHandle> {
  try {
    // Asked before it is opened: opening a pipe would wait for somebody to write.
    const found = await stat(file);
    if (!found.isFile()) throw unreadable(file, found.isDirectory() ? "a folder" : "no plain file");
    return await open(file, "r");
  } catch (cause) {
    throw broken(cause, file, 1);
  }
}

async function contentOf(handle: FileHandle): Promise<Readable> {
  const first = Buffer.alloc(2);
  const { bytesRead } = await handle.read(first, 0, 2, 0);
  const bytes = handle.createReadStream({ start: 0, autoClose: false });
  if (bytesRead < 2 || first[0] !== 0x1f || first[1] !== 0x8b) return bytes;
  const plain = createGunzip();
  bytes.on("error", (cause) => plain.destroy(cause));
  plain.on("close", () => bytes.destroy());
  return bytes.pipe(plain);
}

/** What zlib or the disk said as one of our errors; a bug of ours stays what it is. */
function broken(cause: unknown, file: string, line: number): unknown {
  if (cause instanceof RiskError || !(cause instanceof Error && "code" in cause)) return cause;
  const code = String(cause.code);
  if (code.startsWith("Z_")) return malformed(line, "file", "a whole gzip stream", code, cause);
  return unreadable(file, code, cause);
}

function unreadable(file: string, found: string, cause?: unknown): RiskError {
  return new RiskError("unreadable_file", { path: file, expected: "a file", found }, { cause });
}
