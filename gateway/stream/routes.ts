/**
 * Plain HTTP on the same port: health, metrics, `POST /rpc`, single reads, documents and the page.
 *
 * Every answer says that it is not to be sniffed, framed or cached; errors have the shape that they
 * have on the stream, `{error: {code, message, data}}`.
 */
import { RiskError } from "../../core/errors.ts";
import type { Board } from "../board.ts";
import type { Metrics } from "../observe.ts";
import { httpStatus, toWireError } from "../protocol/errors.ts";
import { toRefusal } from "./dispatch.ts";
import type { HttpRequest, HttpResponse } from "./socket.ts";

/** Answers one path; `*` in a route's path stands for one segment, handed over in `parts`. */
export interface Route {
  readonly method: "GET" | "POST";
  readonly path: string;
  answer(request: HttpRequest, parts: readonly string[]): HttpResponse | Promise<HttpResponse>;
}

const JSON_TYPE = { "content-type": "application/json; charset=utf-8" };
/** On everything that this port says. */
const guardHeaders = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

export function jsonResponse(status: number, tree: unknown): HttpResponse {
  return { status, headers: JSON_TYPE, body: JSON.stringify(tree) };
}

export function textResponse(status: number, body: string): HttpResponse {
  return { status, headers: { "content-type": "text/plain; charset=utf-8" }, body };
}

export function errorResponse(error: RiskError): HttpResponse {
  const { retryAfterMs } = error.detail;
  const response = jsonResponse(httpStatus(error.code), { error: toWireError(error) });
  if (retryAfterMs === undefined) return response;
  const seconds = String(Math.ceil(retryAfterMs / 1_000));
  return { ...response, headers: { ...response.headers, "retry-after": seconds } };
}

/** The answer of the route that fits, or a typed refusal; never rejects. */
export async function answerHttp(
  routes: readonly Route[],
  request: HttpRequest,
  fault: (error: unknown) => void,
): Promise<HttpResponse> {
  const response = await routed(routes, request).catch((error: unknown) =>
    errorResponse(toRefusal(error, fault)),
  );
  return { ...response, headers: { ...guardHeaders, ...response.headers } };
}

async function routed(routes: readonly Route[], request: HttpRequest): Promise<HttpResponse> {
  const method = request.method === "HEAD" ? "GET" : request.method;
  let known = false;
  for (const route of routes) {
    const parts = matched(route.path, request.path);
    if (parts === undefined) continue;
    known = true;
    if (route.method === method) return route.answer(request, parts);
  }
  if (!known) throw new RiskError("unknown_path", { path: request.path.slice(0, 200) });
  return { ...textResponse(405, "method not allowed"), headers: { allow: "GET, POST" } };
}

function matched(pattern: string, path: string): readonly string[] | undefined {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const parts: string[] = [];
  for (const [i, segment] of wanted.entries()) {
    if (segment === "*") parts.push(decoded(given[i]!));
    else if (segment !== given[i]) return undefined;
  }
  return parts;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new RiskError("unknown_path", { path: segment.slice(0, 200), expected: "UTF-8" });
  }
}

export interface StatusOptions {
  readonly board: Board;
  readonly metrics: Metrics;
  /** False from the moment of shutting down. */
  serving(): boolean;
}

/** Health, readiness and metrics: open to whoever reaches the port. */
export function statusRoutes({ board, metrics, serving }: StatusOptions): readonly Route[] {
  const readiness = (): HttpResponse => {
    const ready = serving() && board.ready();
    return jsonResponse(ready ? 200 : 503, { ready, turn: board.turn(), at: board.at() });
  };
  const exposition = { "content-type": "text/plain; version=0.0.4; charset=utf-8" };
  return [
    { method: "GET", path: "/healthz", answer: () => textResponse(200, "ok\n") },
    { method: "GET", path: "/readyz", answer: readiness },
    {
      method: "GET",
      path: "/metrics",
      answer: () => ({ status: 200, headers: exposition, body: metrics.render() }),
    },
  ];
}
