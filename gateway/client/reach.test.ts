/**
 * What the SDK is made of: files of this repository only, and none that needs Node or a package.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

/** Every file that runs when `path` is imported, with what each names that is no file of ours. */
function reached(path: string, seen = new Map<string, string[]>()): Map<string, string[]> {
  if (seen.has(path)) return seen;
  const statements = readFileSync(path, "utf8").matchAll(
    /^(?:import|export)\s+(?!type\b)(?:[^;]*?from\s+)?"([^"]+)"|import\("([^"]+)"\)/gm,
  );
  const names = [...statements].map(([, from, later]) => (from ?? later)!);
  seen.set(
    path,
    names.filter((name) => !name.startsWith(".")),
  );
  for (const name of names.filter((n) => n.startsWith(".")))
    reached(join(dirname(path), name), seen);
  return seen;
}

describe("the client", () => {
  it("reaches no package and nothing of Node, so it runs in a browser as it is", () => {
    const files = reached("gateway/client/index.ts");
    expect([...files.keys()]).toContain("core/canonical.ts");
    expect([...files.values()].flat()).toEqual([]);
  });

  it("would be caught if it did", () => {
    expect([...reached("gateway/protocol/codec.ts").values()].flat()).toContain("msgpackr");
  });
});
