/**
 * How much one reader may still be sent: what it has acknowledged decides, not what a library says.
 *
 * The kernel takes about 4 MB for a reader that has stopped before either transport reports a
 * single buffered byte. So every few kilobytes a WebSocket ping goes out behind the data, with a
 * nonce that says how far the data had come; the pong, which every client sends by itself, proves
 * that the reader's side has read that far.
 *
 *      sent      |=============================|     bytes handed to the transport
 *      ponged    |=================|                 bytes before the newest ping that came back
 *      in flight                    |==========|     at most `unpongedBytes`, then nothing is sent
 *
 * Pure: it owns no socket and no clock.
 */
export interface Credit {
  /** Whether another frame may go. */
  open(): boolean;
  /** Notes a frame; answers the nonce of the ping to send behind it, when one is due. */
  sent(bytes: number, nowMs: number): Uint8Array | undefined;
  /** A ping to send though nothing was, so that a silent line is proved alive. */
  probe(nowMs: number): Uint8Array | undefined;
  /** Notes a pong; answers its round trip in ms, undefined when it answers no ping of ours. */
  ponged(nonce: Uint8Array, nowMs: number): number | undefined;
  /** For how long pings have waited and none came back, ms; 0 when none waits. */
  stalledMs(nowMs: number): number;
  inFlightBytes(): number;
}

/** Bytes between two pings: four pings span the credit, so it reopens smoothly. */
const PINGS_PER_CREDIT = 4;
const NONCE_BYTES = 8;

interface Ping {
  readonly index: number;
  /** Bytes sent before it. */
  readonly sentBytes: number;
  readonly atMs: number;
}

/**
 * @param unpongedBytes most bytes in flight
 * @param salt tells this connection's pings from any others, an unsigned 32-bit number
 */
export function openCredit(unpongedBytes: number, salt: number): Credit {
  const everyBytes = Math.max(1, Math.floor(unpongedBytes / PINGS_PER_CREDIT));
  /** In order; bounded, for a ping covers at least `everyBytes` or is the only one. */
  const waiting: Ping[] = [];
  let sentBytes = 0;
  let pongedBytes = 0;
  let pingedBytes = 0;
  let index = 0;
  let pongedAtMs = Number.NEGATIVE_INFINITY;

  const ping = (nowMs: number): Uint8Array => {
    index = (index + 1) >>> 0;
    pingedBytes = sentBytes;
    waiting.push({ index, sentBytes, atMs: nowMs });
    return nonceOf(salt, index);
  };
  return {
    open: () => sentBytes - pongedBytes < unpongedBytes,
    sent(bytes, nowMs) {
      sentBytes += bytes;
      return sentBytes - pingedBytes >= everyBytes ? ping(nowMs) : undefined;
    },
    probe: (nowMs) => (waiting.length === 0 ? ping(nowMs) : undefined),
    ponged(nonce, nowMs) {
      const at = waiting.findIndex((one) => isNonce(nonce, salt, one.index));
      if (at < 0) return undefined;
      const { sentBytes: covered, atMs } = waiting[at]!;
      waiting.splice(0, at + 1);
      pongedBytes = covered;
      pongedAtMs = nowMs;
      return nowMs - atMs;
    },
    stalledMs: (nowMs) =>
      waiting.length === 0 ? 0 : nowMs - Math.max(pongedAtMs, waiting[0]!.atMs),
    inFlightBytes: () => sentBytes - pongedBytes,
  };
}

function nonceOf(salt: number, index: number): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES);
  const view = new DataView(nonce.buffer);
  view.setUint32(0, salt);
  view.setUint32(4, index);
  return nonce;
}

function isNonce(nonce: Uint8Array, salt: number, index: number): boolean {
  if (nonce.length !== NONCE_BYTES) return false;
  const view = new DataView(nonce.buffer, nonce.byteOffset, NONCE_BYTES);
  return view.getUint32(0) === salt && view.getUint32(4) === index;
}
