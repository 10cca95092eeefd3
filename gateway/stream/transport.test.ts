/** The choice of a transport: the fast one, the one that is left, and what is said of it. */
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import type { Transport } from "./socket.ts";
import { chooseTransport } from "./transport.ts";
import { wsTransport } from "./ws.ts";

const fake = { ...wsTransport, name: "uws" } as Transport;
const missing = async (): Promise<Transport> => {
  throw new Error("no binary for this system\nand a long explanation");
};
const sources = { uws: async () => fake, ws: async () => wsTransport };

describe("chooseTransport", () => {
  it("takes the fast one when it loads", async () => {
    expect(await chooseTransport("auto", sources)).toEqual({ transport: fake });
    expect(await chooseTransport("uws", sources)).toEqual({ transport: fake });
  });

  it("takes the other when asked to, without loading the fast one", async () => {
    const chosen = await chooseTransport("ws", { ...sources, uws: missing });
    expect(chosen).toEqual({ transport: wsTransport });
  });

  it("takes the other when the fast one does not load, and says why", async () => {
    const chosen = await chooseTransport("auto", { ...sources, uws: missing });
    expect(chosen).toEqual({ transport: wsTransport, passedOver: "no binary for this system" });
  });

  it("takes one that is at hand as it is, and loads nothing", async () => {
    expect(await chooseTransport(fake, { uws: missing, ws: missing })).toEqual({ transport: fake });
  });

  it("refuses when the fast one is asked for and does not load", async () => {
    await expect(chooseTransport("uws", { ...sources, uws: missing })).rejects.toMatchObject({
      code: "transport_unavailable",
      detail: { path: "transport", found: "no binary for this system" },
    });
  });
});

/** Resolves imports as a machine does on which uWebSockets.js was not installed. */
const HIDE = `
import { registerHooks } from "node:module";
registerHooks({
  resolve(name, context, next) {
    if (name === "uWebSockets.js") throw new Error("Cannot find package uWebSockets.js");
    return next(name, context);
  },
});`;

describe("a process without uWebSockets.js", () => {
  it("serves all the same, through ws, and knows why", () => {
    const script = `
      const { openStream } = await import("./gateway/stream/serve.ts");
      const { fakeBoard } = await import("./gateway/stream/board.test-kit.ts");
      const { keysOf } = await import("./gateway/control/keys.ts");
      const common = { board: fakeBoard(), keys: keysOf([]), host: "127.0.0.1", port: 0 };
      const open = (transport) => openStream({ ...common, transport, boot: "b", version: "0" });
      const stream = await open("auto");
      const health = await fetch(stream.url + "/healthz");
      const refused = await open("uws").catch((error) => error.code);
      const { transport, passedOver } = stream;
      console.log(JSON.stringify({ transport, passedOver, health: health.status, refused }));
      await stream.close();`;
    const hide = `data:text/javascript,${encodeURIComponent(HIDE)}`;
    const flags = ["--no-warnings", "--import", hide, "--input-type=module", "--eval", script];
    const output = execFileSync(process.execPath, flags, { encoding: "utf8", timeout: 15_000 });
    expect(JSON.parse(output)).toEqual({
      transport: "ws",
      passedOver: "Cannot find package uWebSockets.js",
      health: 200,
      refused: "transport_unavailable",
    });
  });
});
