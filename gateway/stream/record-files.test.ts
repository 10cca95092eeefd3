/** The files of the record over HTTP: for whoever may read the regime, and for nobody else. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../clock.ts";
import { type Key, keysOf } from "../control/keys.ts";
import { fakeBoard } from "./board.test-kit.ts";
import { openStream, type Stream } from "./serve.ts";
import { authHeader, narrowKey, traderKey } from "./stream.test-kit.ts";

const quantKey: Key = { ...traderKey, keyId: "quant", scopes: ["regime:read"] };
/** More lines than are written at once. */
const files = {
  bars: ["open_time_ms,open,high,low,close,volume", "0,1,2,1,2,5"],
  series: ["close_ms,target", ...Array.from({ length: 2_500 }, (_, i) => `${i},0.2`)],
};

describe("the files of the record", () => {
  let stream: Stream;
  beforeAll(async () => {
    stream = await openStream({
      board: fakeBoard({ accounts: ["mm-1"] }),
      keys: keysOf([quantKey, narrowKey]),
      transport: "ws",
      host: "127.0.0.1",
      port: 0,
      boot: "boot-1",
      version: "1.2.3",
      recordings: {
        csv: (underlying, file) => (underlying === "BTC" ? files[file] : undefined),
      },
    });
  });
  afterAll(() => stream.close());

  const get = (path: string, key?: Key) =>
    fetch(`${stream.url}${path}`, {
      headers: key ? { authorization: authHeader(key, systemClock.now(), path, {}) } : {},
    });

  it.each([
    ["bars.csv", files.bars],
    ["series.csv", files.series],
  ])("%s is handed out as CSV", async (name, lines) => {
    const response = await get(`/v1/regime/BTC/${name}`, quantKey);
    expect([response.status, await response.text()]).toEqual([200, `${lines.join("\n")}\n`]);
    expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8");
  });

  it.each([
    ["nobody", undefined, "/v1/regime/BTC/bars.csv", 401, "auth_required"],
    ["a key without the scope", narrowKey, "/v1/regime/BTC/bars.csv", 403, "forbidden"],
    ["a stranger's underlying", quantKey, "/v1/regime/DOGE/bars.csv", 404, "unknown_path"],
    ["another file", quantKey, "/v1/regime/BTC/marks.csv", 404, "unknown_path"],
  ])("%s gets none", async (_, key, path, status, code) => {
    const response = await get(path, key);
    const body = (await response.json()) as { error: { data: { code: string } } };
    expect([response.status, body.error.data.code]).toEqual([status, code]);
  });
});
