/**
 * One-time tokens for the page that we serve to this machine's own browser: reading only.
 *
 * Why they are safe enough, and what they do not cover: docs/decisions/020-page-token.md.
 */
import type { Caller } from "./scopes.ts";

/** How long an unused token holds. */
export const PAGE_TOKEN_MS = 60_000;
/** Unused tokens at one time; the oldest makes room. */
export const PAGE_TOKENS_MAX = 256;
/** What a page may do. */
export const pageScopes = ["margin:read:*", "regime:read"] as const;

export interface PageTokens {
  issue(nowMs: number): string;
  /** Whom the token stands for, once; undefined when it is unknown, used or too old. */
  redeem(token: string, nowMs: number): Caller | undefined;
}

/** @param random gives the text of a token: unguessable, and never the same twice */
export function openPageTokens(random: () => string): PageTokens {
  const issuedAt = new Map<string, number>();
  return {
    issue(nowMs) {
      const token = random();
      if (issuedAt.size >= PAGE_TOKENS_MAX) issuedAt.delete(issuedAt.keys().next().value!);
      issuedAt.set(token, nowMs);
      return token;
    },
    redeem(token, nowMs) {
      const issued = issuedAt.get(token);
      issuedAt.delete(token);
      if (issued === undefined || nowMs - issued > PAGE_TOKEN_MS) return undefined;
      return { keyId: "page", principal: "page", scopes: pageScopes };
    },
  };
}
