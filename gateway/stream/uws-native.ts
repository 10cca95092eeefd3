/**
 * The part of uWebSockets.js that uws.ts calls, as it really behaves (v20.51), and its loading.
 *
 * Written down here because the package's own typings lack the four-argument `listen` and promise a
 * length for an answer without a body.
 */
export interface NativeSocket<UserData> {
  /** 1 sent, 0 buffered, 2 dropped. */
  send(frame: string | Uint8Array, binary: boolean, compress: boolean): number;
  getBufferedAmount(): number;
  /** Calls the close handler before it returns. */
  end(code: number, reason: string): void;
  /** Likewise, without a close frame. */
  close(): void;
  ping(nonce: Uint8Array): number;
  cork(write: () => void): unknown;
  getUserData(): UserData;
}

export interface NativeRequest {
  getHeader(lowerCaseName: string): string;
  getUrl(): string;
  getCaseSensitiveMethod(): string;
  getQuery(): string;
  forEach(visit: (name: string, value: string) => void): void;
}

export interface NativeResponse {
  writeStatus(status: string): NativeResponse;
  writeHeader(name: string, value: string): NativeResponse;
  end(body: string | Uint8Array, closeConnection?: boolean): NativeResponse;
  /** Takes arguments, but with a length it never ends. */
  endWithoutBody(): NativeResponse;
  /** Cuts the line; `onAborted` is told. */
  close(): NativeResponse;
  onAborted(told: () => void): NativeResponse;
  /** The chunk is detached when `take` returns. */
  onData(take: (chunk: ArrayBuffer, isLast: boolean) => void): NativeResponse;
  getRemoteAddressAsText(): ArrayBuffer;
  cork(write: () => void): NativeResponse;
  upgrade<UserData>(
    userData: UserData,
    key: string,
    protocol: string,
    extensions: string,
    context: NativeContext,
  ): void;
}

declare const context: unique symbol;
export type NativeContext = { readonly [context]: true };
declare const listenToken: unique symbol;
export type NativeListenToken = { readonly [listenToken]: true };

export interface NativeBehaviour<UserData> {
  readonly maxPayloadLength: number;
  readonly maxBackpressure: number;
  /** Seconds; 0 is off. */
  readonly idleTimeout: number;
  readonly sendPingsAutomatically: boolean;
  readonly closeOnBackpressureLimit: boolean;
  readonly compression: number;
  upgrade(response: NativeResponse, request: NativeRequest, context: NativeContext): void;
  open(socket: NativeSocket<UserData>): void;
  message(socket: NativeSocket<UserData>, frame: ArrayBuffer, binary: boolean): void;
  pong(socket: NativeSocket<UserData>, nonce: ArrayBuffer): void;
  drain(socket: NativeSocket<UserData>): void;
  close(socket: NativeSocket<UserData>, code: number): void;
}

export interface NativeApp {
  ws<UserData>(path: string, behaviour: NativeBehaviour<UserData>): NativeApp;
  any(
    pattern: string,
    answer: (response: NativeResponse, request: NativeRequest) => void,
  ): NativeApp;
  listen(
    host: string,
    port: number,
    options: number,
    told: (token: NativeListenToken | false) => void,
  ): NativeApp;
  close(): NativeApp;
}

export interface Native {
  App(): NativeApp;
  us_listen_socket_close(token: NativeListenToken): void;
  us_socket_local_port(token: NativeListenToken): number;
  readonly DISABLED: number;
  readonly LIBUS_LISTEN_EXCLUSIVE_PORT: number;
}

/** Loads the native code; rejects where there is none for this system and Node. */
export async function loadNative(): Promise<Native> {
  const loaded: unknown = await import("uWebSockets.js");
  return (loaded as { readonly default: Native }).default;
}
