/** Tests of the approved previews on disk: whole, checked, bounded. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFolder } from "../../journal/folder.ts";
import { folderOver } from "./desk.test-kit.ts";
import { hashOf, openKeptPreviews, PREVIEW_FILES_MAX } from "./kept.ts";

let path = "";
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "slidewire-previews-"));
});
afterEach(() => rmSync(path, { recursive: true }));

const seen = (i: number) => {
  const text = JSON.stringify({ n: i });
  return { hash: hashOf(text), text };
};
const nothing = () => new Set<string>();

describe("approved previews on disk", () => {
  it("are the canonical text itself, under its hash", async () => {
    const { hash, text } = seen(1);
    await openKeptPreviews(openFolder(path), nothing).keep({ hash, text });
    expect(readFileSync(join(path, `${hash}.json`), "utf8")).toBe(text);
    expect(openKeptPreviews(openFolder(path), nothing).read(hash)).toEqual({ n: 1 });
  });

  it.each(["0".repeat(64), "../keys", "notes"])("hold nothing under %s", (hash) => {
    writeFileSync(join(path, "notes.json"), "{}");
    expect(() => openKeptPreviews(openFolder(path), nothing).read(hash)).toThrow(/unknown_value/);
  });

  it("are refused when they were changed", async () => {
    const kept = openKeptPreviews(openFolder(path), nothing);
    const { hash } = seen(1);
    await kept.keep(seen(1));
    writeFileSync(join(path, `${hash}.json`), '{"n":2}');
    expect(() => kept.read(hash)).toThrow(/corrupt/);
  });

  it("are refused without a path of this machine when the disk refuses", async () => {
    const kept = openKeptPreviews(openFolder(path), nothing);
    rmSync(path, { recursive: true });
    const refused = kept.keep(seen(1));
    await expect(refused).rejects.toMatchObject({ code: "journal_full" });
    await expect(refused).rejects.not.toThrow(path);
    await openFolder(path);
  });

  it("make room at the limit, and lose none that is named, nor a file of others", async () => {
    const files = new Map([["notes.json", new Uint8Array()]]);
    const named = new Set([0, 7, 9].map((i) => seen(i).hash));
    const kept = openKeptPreviews(folderOver(files), () => named);
    for (let i = 1; i < PREVIEW_FILES_MAX; i++) files.set(`${seen(i).hash}.json`, new Uint8Array());
    await kept.keep(seen(0));
    expect(files.size).toBe(PREVIEW_FILES_MAX + 1);
    await kept.keep(seen(PREVIEW_FILES_MAX));
    expect([...files.keys()].sort()).toEqual(
      ["notes.json", ...[...named, seen(PREVIEW_FILES_MAX).hash].map((h) => `${h}.json`)].sort(),
    );
  });
});
