/**
 * Tests of the methods: every role against every method, and two people through the whole of it,
 * by the example that a reader would run.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { RiskError } from "../../../core/errors.ts";
import { liveBoard } from "../../live-board.ts";
import { tuneSpecs } from "../../protocol/tune-specs.ts";
import { type Call, carryOut, methodsOf } from "../../stream/calls.ts";
import { openStream } from "../../stream/serve.ts";
import { demoRoles, openDemoKeys } from "../demo-keys.ts";
import { backtestsHere, openTuning, type Tuning } from "./desk.test-kit.ts";
import { tuneMethods } from "./methods.ts";

const data = mkdtempSync(join(tmpdir(), "slidewire-"));
afterAll(() => rmSync(data, { recursive: true, force: true }));

function methodsOver({ desk, flow }: Tuning) {
  return tuneMethods({ desk: () => desk, board: liveBoard(flow, 7_200_000) });
}

/** Calls as the wire does: by name, as a demo key. */
function callsOver(tuning: Tuning) {
  const methods = methodsOf(methodsOver(tuning));
  return async (keyId: string, method: string, params: object): Promise<never> => {
    const caller = demoRoles.find((role) => role.keyId === keyId)!;
    const call: Call = {
      ...{ caller, session: undefined, remoteAddress: "127.0.0.1", loopback: true, nowMs: 0 },
    };
    const request = { id: 1, method, params } as never;
    return (await carryOut(methods.get(method)!, request, call, () => true)) as never;
  };
}

describe("who may tune", () => {
  const readers = [
    "demo-trader",
    "demo-viewer",
    "demo-quant-propose",
    "demo-quant-approve",
    "demo-ops",
  ];
  const allowed = {
    "regime:read": readers,
    "regime:propose": ["demo-quant-propose"],
    "regime:approve": ["demo-quant-approve"],
    "regime:propose/regime:approve": ["demo-quant-propose", "demo-quant-approve"],
  } as const;

  it.each(
    Object.values(tuneSpecs).flatMap((spec) =>
      demoRoles.map(({ keyId }) => [spec, keyId] as const),
    ),
  )("$name as %s", async ({ name, scope }, keyId) => {
    const call = callsOver(await tuning);
    const may = (allowed[scope as keyof typeof allowed] as readonly string[]).includes(keyId);
    const code = await call(keyId, name, {}).then(
      () => "done",
      (error: unknown) => (error as RiskError).code,
    );
    // Without parameters an allowed call is refused for what it lacks, or needs none.
    if (may) expect(["missing_field", "done"]).toContain(code);
    else expect(code).toBe("forbidden");
  });

  it("regime.preview says that either scope would do", async () => {
    const call = callsOver(await tuning);
    await expect(call("demo-viewer", "regime.preview", { proposal: "p" })).rejects.toThrow(
      /scope regime:propose or regime:approve/,
    );
  });

  const tuning = openTuning();
});

describe("a reason", () => {
  const asking = { underlying: "BTC", expectedVersion: 0, changes: { "scale.damping": 0.4 } };
  // Blanks, blanks of other scripts, a joiner, a filler, an empty Braille cell, a control.
  const blank = ["   ", "\t\n", "\u00a0\u3000", "\u200b\u200d", "\u3164", "\u2800", "\u0007"];

  it.each([...blank, "", "a".repeat(501)])("%j is refused", async (reason) => {
    const tuning = await openTuning();
    const call = callsOver(tuning);
    const refused = expect.objectContaining({
      detail: expect.objectContaining({ path: "params.reason" }),
    });
    await expect(
      call("demo-quant-propose", "regime.propose", { ...asking, reason }),
    ).rejects.toEqual(refused);
    const freeze = { underlying: "BTC", reason };
    await expect(call("demo-quant-approve", "regime.freeze", freeze)).rejects.toEqual(refused);
    expect(tuning.desk.version("BTC")).toBe(0);
  });

  it.each(["?", "  calmer ", "\u5e02\u5834", "7\n"])("%j is kept, trimmed", async (reason) => {
    const tuning = await openTuning();
    const call = callsOver(tuning);
    await call("demo-quant-propose", "regime.propose", { ...asking, reason });
    expect(tuning.desk.open("BTC")[0]!.reason).toBe(reason.trim());
    await call("demo-quant-approve", "regime.freeze", { underlying: "BTC", reason });
    expect(tuning.desk.history("BTC")[0]!.command.by.reason).toBe(reason.trim());
  });
});

describe("two people", () => {
  it("tune, and everything that they did stands in the history", async () => {
    const tuning = await openTuning();
    const call = callsOver(tuning);
    const asking = { underlying: "BTC", reason: "calmer", expectedVersion: 0 };
    const { params } = await call("demo-viewer", "regime.params", { underlying: "BTC" });
    expect(params).toContainEqual(
      expect.objectContaining({ path: "scale.damping", value: 0.35, min: 0.2, max: 1 }),
    );
    const changes = { "scale.damping": 0.4 };
    const { proposal } = await call("demo-quant-propose", "regime.propose", { ...asking, changes });
    tuning.pass(3_600_000);
    const { hash } = await call("demo-quant-approve", "regime.preview", { proposal });
    const approval = { proposal, hash };
    expect(await call("demo-quant-approve", "regime.approve", approval)).toMatchObject({
      version: 1,
    });
    const looked = await call("demo-quant-propose", "regime.previewed", { hash });
    expect(looked).toMatchObject({ hash, preview: { proposal, shadow: { ranMs: 3_600_000 } } });
    await call("demo-quant-approve", "regime.freeze", { underlying: "BTC", reason: "bad index" });
    const state = await call("demo-viewer", "regime.get", { underlying: "BTC" });
    expect(state).toMatchObject({ version: 2, frozen: true, override: null, proposals: [] });
    const { lines } = await call("demo-viewer", "regime.history", {});
    expect(lines).toMatchObject([
      { version: 2, what: "freeze", by: { principal: "quant-b", reason: "bad index" } },
      {
        ...{ version: 1, what: "parameters" },
        changes: [{ path: "scale.damping", before: 0.35, after: 0.4 }],
        by: { principal: "quant-b", proposer: "quant-a", hash, reason: "calmer" },
      },
    ]);
    const { seq } = lines[0]!;
    expect(await call("demo-viewer", "regime.history", { before: seq })).toMatchObject({
      lines: [{ version: 1 }],
    });
  });

  it("are shown how by the example", async () => {
    const tuning = await openTuning({ backtests: backtestsHere }, 120);
    const keyFile = join(data, "demo-keys.json");
    const stream = await openStream({
      ...{ transport: "ws", host: "127.0.0.1", port: 0, boot: "b", version: "1" },
      board: liveBoard(tuning.flow, 7_200_000),
      keys: openDemoKeys(keyFile),
      extraMethods: methodsOver(tuning),
    });
    const hour = setInterval(() => tuning.pass(600_000), 50);
    try {
      const said = await output("examples/tune-regime.ts", stream.url, keyFile, "BTC");
      expect(said).toMatch(/proposed scale.damping = 0.4/);
      expect(said).toMatch(/live: covers [\d.]+ %, mean [\d.]+ %, tick loss/);
      expect(said).toMatch(/of 7 accounts \d newly below maintenance/);
      expect(said).toMatch(/approved as version 1/);
      expect(said).toMatch(/kept as previews\/[0-9a-f]{64}.json/);
      expect(tuning.desk.regime("BTC").terms.scale.damping).toBe(0.4);
    } finally {
      clearInterval(hour);
      await stream.close();
    }
  });
});

/** What a script says; its own error when it fails. */
function output(script: string, ...args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, [script, ...args], { timeout: 20_000 });
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on("close", (code) => {
      if (code === 0) resolve(said);
      else reject(new RiskError("invariant_broken", { path: script, found: said.slice(-2_000) }));
    });
  });
}
