/**
 * The documents: every reference leads somewhere, every schema compiles, and docs/protocol.md
 * agrees.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { asyncApi, openApi, withTables } from "./documents.ts";
import { methods } from "./methods.ts";
import { eventFrameSchema, stateFrameSchema } from "./wire-schemas.ts";

const options = { version: "1.2.3", methods: Object.values(methods) };
const documents = [
  ["OpenAPI", openApi(options)],
  ["AsyncAPI", asyncApi(options)],
] as const;

function referencesOf(tree: unknown): string[] {
  if (typeof tree !== "object" || tree === null) return [];
  return Object.entries(tree).flatMap(([name, value]) =>
    name === "$ref" ? [value as string] : referencesOf(value),
  );
}

describe.each(documents)("%s", (_, document) => {
  it("refers only to what it holds", () => {
    const references = referencesOf(document);
    expect(references.length).toBeGreaterThan(10);
    for (const reference of references) {
      const held = reference
        .slice(2)
        .split("/")
        .reduce((tree: unknown, part) => (tree as Record<string, unknown>)?.[part], document);
      expect(held, reference).toBeDefined();
    }
  });

  it("is plain JSON", () => {
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });
});

describe("the schemas", () => {
  const ajv = new Ajv2020({ strict: false });

  it("compile, and take what the gateway takes", () => {
    const { schemas } = openApi(options)["components"] as {
      schemas: Record<string, object>;
    };
    for (const [name, schema] of Object.entries(schemas)) {
      expect(() => ajv.compile(schema), name).not.toThrow();
    }
    const takes = (name: string, request: object) => ajv.validate(schemas[name]!, request);
    const call = (method: string, params: object) => ({ jsonrpc: "2.0", id: 1, method, params });
    expect(takes("margin.get.request", call("margin.get", { account: "a" }))).toBe(true);
    expect(takes("margin.get.request", call("margin.get", {}))).toBe(false);
    expect(takes("margin.get.request", call("margin.get", { account: "a", b: 1 }))).toBe(false);
    expect(takes("instruments.request", call("instruments", { limit: 0 }))).toBe(false);
    expect(takes("instruments.request", call("instruments", { limit: 1 }))).toBe(true);
  });

  it("describe a STATE frame as it is sent", () => {
    const own = { channel: "margin.a.raw", type: "update", seq: 2, prev: 1, conflated: 0 };
    const params = { ...own, turn: 3, epoch: "b", ts: 1, markTs: 1, data: {} };
    const frame = { jsonrpc: "2.0", method: "subscription", params };
    expect(ajv.validate(stateFrameSchema, frame)).toBe(true);
    const { prev: _, ...rest } = params;
    expect(ajv.validate(stateFrameSchema, { ...frame, params: rest })).toBe(false);
  });
});

describe("the schema of an EVENT frame", () => {
  const takes = (changes: object) => {
    const own = { channel: "fills.a", type: "update", seq: 9, prev: 4, conflated: 0 };
    const params = { ...own, turn: 3, epoch: "l", ts: 1, markTs: 1, data: {}, ...changes };
    const frame = { jsonrpc: "2.0", method: "subscription", params };
    return new Ajv2020({ strict: false }).validate(eventFrameSchema, frame);
  };

  it("takes it as it is sent, and nothing conflated", () => {
    expect(takes({})).toBe(true);
    expect(takes({ type: "snapshot", prev: 0, data: { events: [] } })).toBe(true);
    expect(takes({ conflated: 1 })).toBe(false);
    expect(takes({ type: "patch" })).toBe(false);
  });
});

describe("docs/protocol.md", () => {
  const path = new URL("../../docs/protocol.md", import.meta.url);
  const page = readFileSync(path, "utf8");

  it("has the tables that the gateway checks with (`vitest run -u` writes them)", async () => {
    for (const name of ["methods", "errors", "limits"]) {
      expect(page.split(`<!-- ${name} -->`)).toHaveLength(2);
    }
    await expect(withTables(page, options.methods)).toMatchFileSnapshot(fileURLToPath(path));
  });
});
