/** The baseline's frames: as large as asked, and read like the gateway's. */
import { describe, expect, it } from "vitest";
import { type BareOptions, FRAME_BYTES_MAX, frameWriter, openBare } from "./bare.ts";
import { type CodecName, glance } from "./glance.ts";
import { fetchReadings, scheduleOf } from "./schedule.ts";

const options = (codec: CodecName, frameBytes: number): BareOptions => ({
  transport: "ws",
  codec,
  frameBytes,
  speed: 100,
  stepMs: 1_000,
});

describe.each<CodecName>(["json", "msgpack"])("a bare frame in %s", (codec) => {
  it.each([1_000, 2_255, 40_000])("has %d bytes but for its counters", (frameBytes) => {
    const { frame } = frameWriter(options(codec, frameBytes));
    for (const at of [1_000, 100_000, 1_000_000]) {
      expect(Math.abs(frame(at).length - frameBytes)).toBeLessThanOrEqual(24);
    }
  });

  it("follows the one before", () => {
    const { frame } = frameWriter(options(codec, 500));
    const place = glance(Buffer.from(frame(7_000)), codec);
    expect(place).toMatchObject({ type: "update", prev: 6, seq: 7, conflated: 0, markTs: 7_000 });
  });
});

describe("openBare", () => {
  it("tells its schedule as a gateway does, and ends", async () => {
    const bare = await openBare(options("json", 500));
    await expect.poll(async () => scheduleOf(await fetchReadings(bare.url)).speed).toBe(100);
    await bare.close();
    await expect(fetchReadings(bare.url)).rejects.toThrow(/unreachable/);
  });

  it("refuses frames beyond its limit", async () => {
    await expect(openBare(options("json", FRAME_BYTES_MAX + 1))).rejects.toThrow(/limit_exceeded/);
  });
});
