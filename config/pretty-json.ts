/**
 * JSON as the project's formatter lays it out: objects open, lists on one line where they fit.
 *
 * Generated files are formatted like written ones, so that one check serves all.
 */
import { isTree } from "../core/check.ts";

const WIDTH = 100;

/** The text of `value`, with a line break at its end. */
export function prettyJson(value: unknown): string {
  return `${printed(value, "", 0)}\n`;
}

/** @param used columns that are taken on the line before and after the value */
function printed(value: unknown, indent: string, used: number): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const line = `[${value.map((item) => JSON.stringify(item)).join(", ")}]`;
    const plain = value.every((item) => typeof item !== "object" || item === null);
    if (value.length === 0 || (plain && indent.length + used + line.length <= WIDTH)) return line;
    const items = value.map((item) => inner + printed(item, inner, 1));
    return `[\n${items.join(",\n")}\n${indent}]`;
  }
  if (!isTree(value)) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  if (members.length === 0) return "{}";
  const lines = members.map(([name, member]) => {
    const key = `${JSON.stringify(name)}: `;
    return inner + key + printed(member, inner, key.length + 1);
  });
  return `{\n${lines.join(",\n")}\n${indent}}`;
}
