/**
 * The client SDK: live margin in a browser or in Node, without any dependency.
 *
 * @example
 * const client = await connect("http://127.0.0.1:8787", { auth: { keyId, secret } });
 * for await (const { data } of client.margin("mm-1", { interval: "100ms" })) console.log(data);
 */
import { Client, type ClientOptions } from "./client.ts";

export { RiskError } from "../../core/errors.ts";
export type {
  Client,
  ClientOptions,
  ClientState,
  FeedOptions,
  Grant,
  Hello,
} from "./client.ts";
export type {
  ChannelEvent,
  EventFeed,
  EventFeedOptions,
  Fills,
  Place,
  RegimeChange,
} from "./event-feed.ts";
export type { Feed, Frame } from "./feed.ts";
export type { OpenWebSocket, WebSocketLike } from "./line.ts";
export type { MethodName, ParamsOf } from "./params.ts";
export { type ApiKey, authorization } from "./sign.ts";
export type { Applied, WriteName, WriteOptions, WriteParams } from "./write.ts";

/**
 * Connects and authenticates; from then on the client reconnects by itself.
 *
 * @param url of the gateway: `http://127.0.0.1:8787` or `ws://127.0.0.1:8787/ws`
 * @throws RiskError `unreachable`, `auth_failed` or what else the first attempt failed with
 */
export async function connect(url: string, options: ClientOptions = {}): Promise<Client> {
  const client = new Client(url, options);
  await client.start();
  return client;
}
