/** The files of the page that the gateway serves at `/`, read once at start. */
import { readFileSync } from "node:fs";
import type { Page, Pages } from "./stream/pages.ts";

const files: readonly (readonly [path: string, file: string, type: string])[] = [
  ["/", "index.html", "text/html; charset=utf-8"],
  ["/page.js", "page.js", "text/javascript; charset=utf-8"],
  ["/page.css", "page.css", "text/css; charset=utf-8"],
  ["/icon.svg", "icon.svg", "image/svg+xml"],
];

export function readPages(): Pages {
  return new Map(
    files.map(([path, file, type]): [string, Page] => [
      path,
      { type, body: readFileSync(new URL(`./ui/page/${file}`, import.meta.url), "utf8") },
    ]),
  );
}
