/**
 * The dashboard's files, served as they were given, under a policy that lets them run nothing else.
 *
 * An HTML file may hold the placeholder once, in a meta element: its reader, when it sits on this
 * machine, finds a one-time token there and can show the accounts without asking for a key.
 *
 *      <meta name="slidewire-token" content="%SLIDEWIRE_TOKEN%">
 */

import { RiskError } from "../../core/errors.ts";
import type { Clock } from "../clock.ts";
import type { PageTokens } from "../control/page-token.ts";
import { mayHoldPageToken } from "./admission.ts";
import { jsonResponse, type Route } from "./routes.ts";
import type { HttpRequest, HttpResponse } from "./socket.ts";

export interface Page {
  /** Its media type, "text/html; charset=utf-8". */
  readonly type: string;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Pages by path, "/" and "/app.js". */
export type Pages = ReadonlyMap<string, Page>;

export const TOKEN_PLACEHOLDER = "%SLIDEWIRE_TOKEN%";

export interface PageOptions {
  readonly pages: Pages;
  readonly tokens: PageTokens;
  readonly clock: Clock;
}

export function pageRoutes({ pages, tokens, clock }: PageOptions): readonly Route[] {
  const files = [...pages].map(
    ([path, page]): Route => ({
      method: "GET",
      path,
      answer: (request) => {
        const issue = () => (mayHoldPageToken(request) ? tokens.issue(clock.now()) : "");
        return pageResponse(page, request, issue);
      },
    }),
  );
  return [...files, { method: "POST", path: "/page-token", answer: renew }];

  /** A page that reconnects asks for another token; a browser always names its Origin on a POST. */
  function renew(request: HttpRequest): HttpResponse {
    if (request.headers["origin"] === undefined || !mayHoldPageToken(request)) {
      throw new RiskError("forbidden", { expected: "a page of this gateway on this machine" });
    }
    return jsonResponse(200, { token: tokens.issue(clock.now()) });
  }
}

function pageResponse(page: Page, request: HttpRequest, issue: () => string): HttpResponse {
  const policy = contentPolicy(request.headers["host"] ?? "");
  const headers = { "content-type": page.type, "content-security-policy": policy, ...page.headers };
  const holds = typeof page.body === "string" && page.body.includes(TOKEN_PLACEHOLDER);
  const body = holds ? (page.body as string).replace(TOKEN_PLACEHOLDER, issue()) : page.body;
  return { status: 200, headers, body };
}

/** A Host header that may be repeated in a policy. */
const PLAIN_HOST = /^[A-Za-z0-9.[\]:-]{1,255}$/;

/** Scripts, styles and images of this site only, nothing inline, and no frame around it. */
export function contentPolicy(host: string): string {
  const stream = PLAIN_HOST.test(host) ? ` ws://${host} wss://${host}` : "";
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${stream}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
