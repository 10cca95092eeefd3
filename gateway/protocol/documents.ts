/**
 * The machine-readable documents and the tables of docs/protocol.md, made from the method table.
 *
 * They say what the gateway checks, because they are made from what it checks with.
 */
import { describe } from "../../core/check.ts";
import { type ErrorCode, errorTable } from "../../core/errors.ts";
import type { Tree } from "../../core/patch.ts";
import type { Shape } from "../../core/shape.ts";
import { channelForms } from "./channels.ts";
import { codecs } from "./codec.ts";
import { httpStatus, wireNumber } from "./errors.ts";
import { declaredLimits } from "./limits.ts";
import type { MethodSpec } from "./methods.ts";
import {
  errorReplySchema,
  errorSchema,
  eventFrameSchema,
  replySchema,
  requestSchema,
  stateFrameSchema,
} from "./wire-schemas.ts";

export interface DocumentOptions {
  readonly version: string;
  readonly methods: readonly MethodSpec[];
}

const TITLE = "Slidewire";
const ABOUT = "Live portfolio margin, over WebSocket and HTTP.";
const ref = (path: string) => ({ $ref: `#/components/${path}` });
const jsonBody = (schema: Tree) => ({ "application/json": { schema } });
const answer = (description: string, schema: Tree) => ({
  description,
  content: jsonBody(schema),
});

/** OpenAPI 3.1 of the plain HTTP part. */
export function openApi({ version, methods }: DocumentOptions): Tree {
  const once = methods.filter((spec) => spec.once);
  const schemas: Record<string, Tree> = { Error: errorSchema, ErrorReply: errorReplySchema };
  for (const spec of once) {
    schemas[`${spec.name}.request`] = requestSchema(spec);
    schemas[`${spec.name}.reply`] = replySchema(spec);
  }
  return {
    openapi: "3.1.0",
    info: { title: TITLE, summary: ABOUT, version },
    paths: { ...rpcPath(once), ...bookPath, ...recordPaths, ...statusPaths },
    components: {
      schemas,
      securitySchemes: {
        signature: {
          type: "apiKey",
          in: "header",
          name: "Authorization",
          description: "Slidewire keyId=…,timestamp=…,nonce=…,signature=…",
        },
      },
    },
  };
}

function rpcPath(once: readonly MethodSpec[]): Tree {
  const requests = once.map(({ name }) => ref(`schemas/${name}.request`));
  const replies = once.map(({ name }) => ref(`schemas/${name}.reply`));
  return {
    "/rpc": {
      post: {
        operationId: "rpc",
        summary: "One call of one method.",
        security: [{}, { signature: [] }],
        requestBody: { required: true, content: jsonBody({ oneOf: requests }) },
        responses: {
          "200": answer("The result.", { oneOf: replies }),
          "204": { description: "A notification, carried out." },
          default: answer("The refusal.", ref("schemas/ErrorReply")),
        },
      },
    },
  };
}

const bookPath: Tree = {
  "/v1/accounts/{account}/book": {
    get: {
      operationId: "book",
      summary: "Everything that the account's figures were computed from, and the figures.",
      security: [{ signature: [] }],
      parameters: [
        { name: "account", in: "path", required: true, schema: { type: "string", maxLength: 128 } },
      ],
      responses: {
        "200": answer("The book.", {
          type: "object",
          required: ["turn", "book", "terms", "regime", "statement"],
        }),
        default: answer("The refusal.", {
          type: "object",
          required: ["error"],
          properties: { error: ref("schemas/Error") },
        }),
      },
    },
  },
};

const recordPath = (operationId: string, summary: string): Tree => ({
  get: {
    operationId,
    summary,
    security: [{ signature: [] }],
    parameters: [
      {
        name: "underlying",
        in: "path",
        required: true,
        schema: { type: "string", maxLength: 128 },
      },
    ],
    responses: {
      "200": { description: "CSV.", content: { "text/csv": { schema: { type: "string" } } } },
      default: answer("The refusal.", {
        type: "object",
        required: ["error"],
        properties: { error: ref("schemas/Error") },
      }),
    },
  },
});

const recordPaths: Tree = {
  "/v1/regime/{underlying}/bars.csv": recordPath("bars", "The bars that the regime folded."),
  "/v1/regime/{underlying}/series.csv": recordPath("series", "What it published at their closes."),
};

const readiness = answer("Whether figures may be trusted.", { type: "object" });
const statusPaths: Tree = {
  "/healthz": {
    get: { operationId: "healthz", responses: { "200": { description: "The process lives." } } },
  },
  "/readyz": { get: { operationId: "readyz", responses: { "200": readiness, "503": readiness } } },
  "/metrics": {
    get: { operationId: "metrics", responses: { "200": { description: "Prometheus text." } } },
  },
};

/** AsyncAPI 3.0 of the stream, as the client sees it: `send` is what a client sends. */
export function asyncApi({ version, methods }: DocumentOptions): Tree {
  const requests = methods.map(({ name }) => `${name}.request`);
  const replies = [...methods.map(({ name }) => `${name}.reply`), "error", "state", "event"];
  const inChannel = (names: readonly string[]) =>
    names.map((name) => ({ $ref: `#/channels/stream/messages/${name}` }));
  return {
    asyncapi: "3.0.0",
    info: { title: TITLE, version, description: ABOUT },
    defaultContentType: "application/json",
    servers: { local: { host: "127.0.0.1:8787", protocol: "ws", pathname: "/ws" } },
    channels: {
      stream: {
        address: "/ws",
        description: streamText(),
        messages: Object.fromEntries(
          [...requests, ...replies].map((name) => [name, ref(`messages/${name}`)]),
        ),
      },
    },
    operations: {
      call: {
        action: "send",
        channel: { $ref: "#/channels/stream" },
        messages: inChannel(requests),
      },
      hear: {
        action: "receive",
        channel: { $ref: "#/channels/stream" },
        messages: inChannel(replies),
      },
    },
    components: { messages: messagesOf(methods) },
  };
}

function streamText(): string {
  const protocols = codecs.map(({ subprotocol }) => subprotocol).join(", ");
  return `Subprotocols: ${protocols}. Channels: ${channelForms.join(", ")}.`;
}

function messagesOf(methods: readonly MethodSpec[]): Tree {
  const messages: Record<string, Tree> = {
    error: { summary: "A refusal.", payload: errorReplySchema },
    state: { summary: "The newest figures of a channel.", payload: stateFrameSchema },
    event: { summary: "Something that was done, once and in order.", payload: eventFrameSchema },
  };
  for (const spec of methods) {
    const { name, summary } = spec;
    messages[`${name}.request`] = { summary, payload: requestSchema(spec) };
    messages[`${name}.reply`] = { summary: `Answer to ${name}.`, payload: replySchema(spec) };
  }
  return messages;
}

/** The method table of docs/protocol.md. */
function methodTable(methods: readonly MethodSpec[]): string {
  const rows = methods.map((spec) => {
    const params = Object.entries(spec.params).map(
      ([name, field]) => `\`${name}${field.absent ? "?" : ""}\` ${cell(field)}`,
    );
    const result = Object.keys(spec.result).join(", ");
    const cells = [
      `\`${spec.name}\``,
      spec.summary,
      params.join("<br>") || "none",
      `{${result}}`,
      `\`${spec.scope}\``,
      String(spec.cost),
      spec.once ? "yes" : "no",
    ];
    return `| ${cells.join(" | ")} |`;
  });
  const names = ["method", "what it does", "params", "result", "scope", "cost", "`POST /rpc`"];
  return [`| ${names.join(" | ")} |`, `|${" --- |".repeat(names.length)}`, ...rows].join("\n");
}

/** The table of limits of docs/protocol.md. */
function limitTable(): string {
  const rows = Object.entries(declaredLimits).map(
    ([name, [value, means]]) => `| \`${name}\` | ${value} | ${means} |`,
  );
  return ["| limit | default | what it bounds |", "| --- | --- | --- |", ...rows].join("\n");
}

/** The table of error codes of docs/protocol.md. */
function errorTableText(): string {
  const rows = (Object.keys(errorTable) as ErrorCode[]).map((code) => {
    const { kind, hint, ...rest } = errorTable[code];
    const again = "retryable" in rest ? "yes" : "no";
    const cells = [`\`${code}\``, kind, wireNumber(code), httpStatus(code), again, hint];
    return `| ${cells.join(" | ")} |`;
  });
  const names = ["`data.code`", "kind", "`code`", "HTTP", "may succeed later", "meaning"];
  return [`| ${names.join(" | ")} |`, `|${" --- |".repeat(names.length)}`, ...rows].join("\n");
}

/** What a parameter means and what it takes. */
function cell(field: Shape): string {
  const meaning = field.meaning === undefined ? "" : `${field.meaning}: `;
  return `${meaning}${describe(field)}`.replaceAll("|", "\\|");
}

/**
 * A page with the tables between their marks written anew: `<!-- methods --> … <!-- /methods
 * -->`.
 */
export function withTables(page: string, specs: readonly MethodSpec[]): string {
  const tables = {
    methods: methodTable(specs),
    errors: errorTableText(),
    limits: limitTable(),
  };
  return Object.entries(tables).reduce((text, [name, table]) => {
    const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [before = "", rest = ""] = text.split(open);
    return `${before}${open}\n${table}\n${close}${rest.split(close)[1] ?? ""}`;
  }, page);
}
