/**
 * Chooses the transport: uWebSockets.js where its native code loads, `ws` everywhere else.
 *
 * The module is imported when asked for and never before, for on a system without a matching binary
 * the import itself throws: that is an answer, not an accident.
 */
import { RiskError } from "../../core/errors.ts";
import type { Transport, TransportName } from "./socket.ts";

export type TransportChoice = "auto" | TransportName;

/** How each adapter is loaded; a test hides one to see the other step in. */
export interface TransportSources {
  readonly uws: () => Promise<Transport>;
  readonly ws: () => Promise<Transport>;
}

const sources: TransportSources = {
  uws: async () => (await import("./uws.ts")).uwsTransport(),
  ws: async () => (await import("./ws.ts")).wsTransport,
};

export interface ChosenTransport {
  readonly transport: Transport;
  /** Why the faster one was passed over; undefined when it was not. */
  readonly passedOver?: string;
}

/**
 * Loads the transport of that name; `auto` takes the first that loads. One that is at hand already,
 * as a simulation's own, is taken as it is.
 *
 * @throws RiskError `transport_unavailable` when the named one does not load here
 */
export async function chooseTransport(
  choice: TransportChoice | Transport,
  from: TransportSources = sources,
): Promise<ChosenTransport> {
  if (typeof choice === "object") return { transport: choice };
  if (choice === "ws") return { transport: await from.ws() };
  try {
    return { transport: await from.uws() };
  } catch (cause) {
    const reason = firstLine(cause);
    if (choice === "auto") return { transport: await from.ws(), passedOver: reason };
    throw new RiskError(
      "transport_unavailable",
      { path: "transport", expected: "uWebSockets.js to load", found: reason },
      { cause },
    );
  }
}

function firstLine(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.split("\n", 1)[0]!.slice(0, 200);
}
