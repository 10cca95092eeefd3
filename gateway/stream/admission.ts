/**
 * Who may talk to this port at all, before anybody is asked for a key.
 *
 * A browser sends requests on behalf of pages that we did not write, so two headers are compared:
 *
 *      Origin   the page's own site. Absent: no browser, fine. The same as Host: our page, fine.
 *               Anything else must be on the list.
 *      Host     the name the browser believes it talks to. A name that somebody else points at this
 *               machine (DNS rebinding) would make their page "same origin": so a gateway that
 *               listens on loopback answers to loopback names only, and any gateway to its list.
 */
import { RiskError } from "../../core/errors.ts";
import { hostName, isLoopbackAddress, isLoopbackHost } from "../control/loopback.ts";

export interface AdmissionOptions {
  /** The address that the gateway listens on. */
  readonly host: string;
  /** Origins of other sites that may connect, `https://desk.example.com`. */
  readonly origins: readonly string[];
  /** Names that the gateway answers to besides loopback's; empty: any, unless on loopback. */
  readonly hosts: readonly string[];
}

/** The headers that decide, and whence they came. */
export interface Visitor {
  readonly headers: Readonly<Record<string, string>>;
  readonly remoteAddress: string;
}

/** @throws RiskError `forbidden` naming the header */
export function requireAdmitted(options: AdmissionOptions, { headers }: Visitor): void {
  const host = headers["host"] ?? "";
  if (!isKnownHost(options, host)) {
    throw new RiskError("forbidden", { path: "Host", expected: "a name of this gateway" });
  }
  const origin = headers["origin"];
  if (origin === undefined || isSameOrigin(origin, host)) return;
  if (options.origins.includes(origin)) return;
  throw new RiskError("forbidden", { path: "Origin", expected: "this site or one on the list" });
}

/** From this machine, to one of its own names: what demo keys and page tokens ask for. */
export function isLoopbackVisitor({ headers, remoteAddress }: Visitor): boolean {
  return isLoopbackAddress(remoteAddress) && isLoopbackHost(headers["host"] ?? "");
}

/**
 * Whether a page may be given a token: its reader is on this machine and came by itself or from us.
 *
 * `Sec-Fetch-Site` is set by the browser and cannot be forged by a page; a navigation is allowed
 * from anywhere, for who navigates here reads the page in our origin and not in theirs.
 */
export function mayHoldPageToken(visitor: Visitor): boolean {
  const { headers } = visitor;
  const origin = headers["origin"];
  if (!isLoopbackVisitor(visitor)) return false;
  if (origin !== undefined && !isSameOrigin(origin, headers["host"] ?? "")) return false;
  const site = headers["sec-fetch-site"] ?? "none";
  const navigates = headers["sec-fetch-dest"] === "document";
  return site === "none" || site === "same-origin" || navigates;
}

export function isSameOrigin(origin: string, host: string): boolean {
  return host !== "" && (origin === `http://${host}` || origin === `https://${host}`);
}

function isKnownHost({ host: listens, hosts }: AdmissionOptions, asked: string): boolean {
  if (asked === "") return false;
  if (isLoopbackHost(asked) || hosts.includes(hostName(asked))) return true;
  return hosts.length === 0 && !isLoopbackListener(listens);
}

function isLoopbackListener(host: string): boolean {
  return isLoopbackAddress(host) || isLoopbackHost(host) || isLoopbackHost(`[${host}]`);
}
