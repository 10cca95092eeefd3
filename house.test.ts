/**
 * The house rules that a machine can check. A rule that is only written down is a wish.
 *
 * Rooms are listed from the ground up: a file may import from its own room and from those it names.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const rooms: Readonly<Record<string, readonly string[]>> = {
  core: [],
  regime: ["core"],
  config: ["core", "regime"],
  gateway: ["core", "regime", "config"],
  loadtest: ["core", "regime", "config", "gateway"],
};

const LINES_MAX = 400;
const COLUMNS_MAX = 100;

/** Runtime dependencies, and the one file that knows each by name. */
const dependencies: Readonly<Record<string, string>> = {
  "decimal.js": "core/money.ts",
  "ml-regression": "config/statistics.ts",
  msgpackr: "gateway/protocol/pack.ts",
  "simple-statistics": "config/statistics.ts",
  "uWebSockets.js": "gateway/stream/uws-native.ts",
  ws: "gateway/stream/ws.ts",
};

interface Source {
  readonly path: string;
  readonly text: string;
}

const sources: readonly Source[] = Object.keys(rooms)
  .flatMap(filesUnder)
  .map((path) => ({ path, text: readFileSync(path, "utf8") }));
const isTest = ({ path }: Source) => /\.test(-kit)?\.ts$/.test(path);
const shipped = sources.filter((source) => !isTest(source));
const inRooms =
  (...names: string[]) =>
  ({ path }: Source) =>
    names.includes(path.split("/")[0]!);

/** Code without comments and texts: what a rule about code may look at. */
const codeOf = ({ text }: Source) =>
  text
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/\/\/.*$/gm, "")
    .replace(/"(?:[^"\\\n]|\\.)*"/g, '""');

/** What a room may not touch, and why. */
const barred: readonly {
  readonly why: string;
  readonly where: (source: Source) => boolean;
  readonly pattern: RegExp;
  readonly raw?: true;
}[] = [
  {
    why: "core and regime read no clock and draw no chance: a replay gives the same margin",
    where: inRooms("core", "regime"),
    pattern: /\b(Date\.now|performance\.|Math\.random|crypto\.|setTimeout|setInterval|process\.)/,
  },
  {
    why: "core and regime use no Math of the engine's but what is exact",
    where: inRooms("core", "regime"),
    // A power of BigInts is exact.
    pattern: /\bMath\.(?!(sqrt|abs|min|max|floor|ceil|trunc)\b)|(?<!\dn )\*\*/,
  },
  {
    why: "core and regime do no I/O",
    where: inRooms("core", "regime"),
    pattern: /from "node:|import\("|from "ws"|from "uWebSockets/,
    raw: true,
  },
  {
    why: "core knows no venue by name",
    where: inRooms("core"),
    pattern: /\b(deribit|paradex|okx|bybit|binance|derive|lyra|hypercall|aevo|thalex)\b/i,
  },
  {
    why: "everything is exported by one name",
    where: () => true,
    pattern: /^export default/m,
  },
  {
    why: "unknown says what any hides",
    where: () => true,
    pattern: /:\s*any\b|\bas any\b|<any>/,
  },
  {
    why: "errors come from the table",
    where: () => true,
    pattern: /\bnew (Error|TypeError|RangeError)\(/,
  },
  {
    why: "nothing is left for later, skipped or switched off",
    where: () => true,
    pattern: /\bTODO\b|\bFIXME\b|\bXXX\b|@ts-ignore|@ts-expect-error|biome-ignore/,
    raw: true,
  },
  {
    why: "folders and files are nouns of the trade",
    where: ({ path }) =>
      /manager|service|helper|utils?\b|handler|processor|common|lib\//i.test(path),
    pattern: /[\s\S]/,
  },
];

describe("the house", () => {
  it("has its five rooms", () => {
    for (const room of Object.keys(rooms)) expect(filesUnder(room).length).toBeGreaterThan(0);
  });

  it("imports only downwards", () => {
    const wrong = sources.flatMap((source) => {
      const room = source.path.split("/")[0]!;
      const reached = importsOf(source).map((path) => path.split("/")[0]!);
      return reached
        .filter(
          (other) => other !== room && other !== "package.json" && !rooms[room]!.includes(other),
        )
        .map((other) => `${source.path} reaches ${other}`);
    });
    expect(wrong).toEqual([]);
  });

  it("keeps the protocol apart, so that server, client and page share it", () => {
    const wrong = shipped
      .filter(({ path }) => path.startsWith("gateway/protocol/"))
      .flatMap((source) =>
        importsOf(source)
          .filter((path) => path.startsWith("gateway/") && !path.startsWith("gateway/protocol/"))
          .map((path) => `${source.path} imports ${path}`),
      );
    expect(wrong).toEqual([]);
  });

  it("has no circles", () => {
    const graph = new Map(shipped.map((source) => [source.path, valueImportsOf(source)]));
    expect(circle(graph)).toBeUndefined();
  });

  it.each(barred)("$why", ({ where, pattern, raw }) => {
    const found = shipped
      .filter(where)
      .filter((source) => pattern.test(raw ? source.text : codeOf(source)));
    expect(found.map(({ path }) => path)).toEqual([]);
  });

  it("names each runtime dependency in one file", () => {
    const listed = JSON.parse(readFileSync("package.json", "utf8")) as {
      dependencies: object;
      optionalDependencies: object;
    };
    const runtime = [
      ...Object.keys(listed.dependencies),
      ...Object.keys(listed.optionalDependencies),
    ];
    expect(runtime.sort()).toEqual(Object.keys(dependencies).sort());
    const docs = readFileSync("docs/dependencies.md", "utf8");
    for (const [name, file] of Object.entries(dependencies)) {
      const importing = shipped.filter(({ text }) =>
        new RegExp(`(from|import\\() ?"${name.replace(".", "\\.")}"`).test(text),
      );
      expect(importing.map(({ path }) => path)).toEqual([file]);
      expect(docs).toContain(`\`${name}\``);
    }
  });

  it.each(shipped)("$path opens by saying what it is", ({ text }) => {
    expect(text.replace(/^#!.*\n/, "").startsWith("/**")).toBe(true);
  });

  it.each(sources)("$path fits: at most 400 lines of 100 columns", ({ text }) => {
    const lines = text.split("\n");
    expect(lines.length).toBeLessThanOrEqual(LINES_MAX);
    expect(lines.filter((line) => line.length > COLUMNS_MAX)).toEqual([]);
  });

  it("speaks of itself alone", () => {
    const said = /\/work\/|\/tmp\/stud|sandbox|registry\.npmjs|\bissue [0-9]|\bsession [0-9]/i;
    const docs = ["README.md", "CHANGELOG.md", ...markdown("docs")].map((path) => ({
      path,
      text: readFileSync(path, "utf8"),
    }));
    const found = [...sources, ...docs].filter(({ text }) => said.test(text));
    expect(found.map(({ path }) => path)).toEqual([]);
  });

  it("keeps decision notes short and numbered once", () => {
    const notes = markdown("docs/decisions");
    const numbers = notes.map((path) => path.split("/").at(-1)!.slice(0, 3));
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const path of notes) {
      expect([path, readFileSync(path, "utf8").trimEnd().split("\n").length <= 40]).toEqual([
        path,
        true,
      ]);
    }
  });
});

function importsOf({ path, text }: Source): string[] {
  return [...text.matchAll(/(?:from|import\() ?"(\.[^"]+)"/g)].map((match) =>
    relative(".", join(dirname(path), match[1]!)),
  );
}

/** Imports that run code: those of types alone close no circle. */
function valueImportsOf({ path, text }: Source): string[] {
  const statements = text.matchAll(/^(?:import|export)\s+(?!type\b)[^;]*?from\s+"(\.[^"]+)"/gm);
  return [...statements].map((match) => relative(".", join(dirname(path), match[1]!)));
}

/** A circle of the graph as a path, or undefined. */
function circle(graph: ReadonlyMap<string, readonly string[]>): string | undefined {
  const done = new Set<string>();
  const visit = (at: string, path: readonly string[]): string | undefined => {
    if (path.includes(at)) return [...path.slice(path.indexOf(at)), at].join(" → ");
    if (done.has(at)) return undefined;
    for (const next of graph.get(at) ?? []) {
      const found = visit(next, [...path, at]);
      if (found !== undefined) return found;
    }
    done.add(at);
    return undefined;
  };
  for (const start of graph.keys()) {
    const found = visit(start, []);
    if (found !== undefined) return found;
  }
  return undefined;
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name));
}

function markdown(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".md"))
    .map((entry) => join(entry.parentPath, entry.name));
}
