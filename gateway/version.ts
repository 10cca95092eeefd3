/** The version that the gateway says of itself: the package's own. */
import { readFileSync } from "node:fs";

/** Beside the sources, or one up from dist/: the nearest package.json above this file. */
const candidates = ["../package.json", "../../package.json"];

export const version: string = readVersion();

function readVersion(): string {
  for (const candidate of candidates) {
    try {
      const text = readFileSync(new URL(candidate, import.meta.url), "utf8");
      const { name, version: found } = JSON.parse(text) as { name: string; version: string };
      if (name === "slidewire") return found;
    } catch {
      // Not there: the next one.
    }
  }
  return "unknown";
}
