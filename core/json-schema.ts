/**
 * A shape as JSON Schema (draft 2020-12): the same declaration that checks a document describes it.
 *
 * Meaning and unit become the description; `x-unit` and `x-tunable` say the same to a program.
 * Named shapes become `$defs`. Rules that span fields are not here: they are told by the errors.
 */
import { isTree } from "./check.ts";
import { RiskError } from "./errors.ts";
import type { Tree } from "./patch.ts";
import type { NumberNotes, Shape, TextNotes } from "./shape.ts";

/** The schema of a whole document. @param id its URL, which nobody needs to reach */
export function jsonSchema(shape: Shape, id: string, title: string): Tree {
  const definitions: Record<string, unknown> = {};
  const root = schemaOf(shape, definitions);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: id,
    title,
    ...root,
    ...(Object.keys(definitions).length > 0 ? { $defs: definitions } : {}),
  };
}

/**
 * The schema of a shape inside another document.
 *
 * @throws RiskError `invariant_broken` for a named shape: a part has no place for definitions
 */
export function schemaPart(shape: Shape): Tree {
  const definitions: Record<string, unknown> = {};
  const part = schemaOf(shape, definitions);
  const [name] = Object.keys(definitions);
  if (name === undefined) return part;
  throw new RiskError("invariant_broken", { path: name, expected: "a shape without a name" });
}

function schemaOf(shape: Shape, definitions: Record<string, unknown>): Tree {
  const described = bodyOf(shape, definitions);
  const notes = {
    ...(shape.meaning === undefined ? {} : { description: shape.meaning }),
    ...(shape.absent === "filled" ? { default: shape.fallback } : {}),
  };
  const plain = { ...described, ...notes };
  if (shape.nullIsAbsent !== true) return plain;
  return { anyOf: [described, { type: "null" }], ...notes };
}

function bodyOf(shape: Shape, definitions: Record<string, unknown>): Tree {
  switch (shape.kind) {
    case "number":
      return numberSchema(shape);
    case "text":
      return textSchema(shape);
    case "choice":
      return { enum: shape.all };
    case "flag":
      return { type: "boolean" };
    case "list":
      return {
        type: "array",
        items: schemaOf(shape.item, definitions),
        minItems: shape.min,
        maxItems: shape.max,
      };
    case "map":
      return {
        type: "object",
        propertyNames: schemaOf(shape.key, definitions),
        additionalProperties: schemaOf(shape.value, definitions),
        maxProperties: shape.max,
      };
    case "object":
      return objectSchema(shape.fields, definitions);
    case "either":
      return { anyOf: shape.all.map((one) => schemaOf(one, definitions)) };
    case "nullable":
      return { anyOf: [schemaOf(shape.inner, definitions), { type: "null" }] };
    case "named":
      return reference(shape, definitions);
    case "anything":
      return {};
  }
}

/** Any finite number is what JSON's own numbers are: such bounds are not said. */
function numberSchema({ min, max, aboveMin, integer, unit, tunable }: NumberNotes): Tree {
  return {
    type: integer === true ? "integer" : "number",
    ...(min === -Number.MAX_VALUE ? {} : { [aboveMin ? "exclusiveMinimum" : "minimum"]: min }),
    ...(max === Number.MAX_VALUE ? {} : { maximum: max }),
    ...(unit === undefined ? {} : { "x-unit": unit }),
    ...(tunable === undefined ? {} : { "x-tunable": tunable }),
  };
}

function textSchema({ min, max, pattern }: TextNotes): Tree {
  return {
    type: "string",
    minLength: min,
    maxLength: max,
    ...(pattern === undefined ? {} : { pattern: pattern.source }),
  };
}

function objectSchema(
  fields: Readonly<Record<string, Shape>>,
  definitions: Record<string, unknown>,
): Tree {
  const all = Object.entries(fields);
  const required = all.filter(([, field]) => field.absent === undefined).map(([name]) => name);
  return {
    type: "object",
    properties: Object.fromEntries(
      all.map(([name, field]) => [name, schemaOf(field, definitions)]),
    ),
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
  };
}

/** Noted before it is described, because a named shape may contain itself. */
function reference(
  shape: Extract<Shape, { kind: "named" }>,
  definitions: Record<string, unknown>,
): Tree {
  if (!isTree(definitions[shape.name])) {
    definitions[shape.name] = {};
    definitions[shape.name] = schemaOf(shape.inner(), definitions);
  }
  return { $ref: `#/$defs/${shape.name}` };
}
