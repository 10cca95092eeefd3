import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../core/canonical.ts";
import { forkState } from "../../core/engine/state.ts";
import { stateDocument } from "../../core/engine/state-document.ts";
import { snapshotRegime } from "../../regime/index.ts";
import { flowOver, openDemo, smallSim } from "../flow.test-kit.ts";
import { hashOf, kernelHash, stateHash } from "./state-hash.ts";

const { flow } = flowOver(smallSim());
for (const event of smallSim().steps()) {
  flow.accept(event);
  break;
}
openDemo(flow);
const { state } = flow.engine;

describe("the hash of a state", () => {
  it("is that of the canonical text of its document and its regimes", () => {
    const regimes = Object.fromEntries(
      [...flow.regimes].map(([id, regime]) => [id, snapshotRegime(regime)]),
    );
    const text = canonicalJson({ state: stateDocument(state), regimes });
    const expected = createHash("sha256").update(text).digest("hex");
    expect(stateHash(state, flow.regimes)).toBe(expected);
    const bare = canonicalJson({ state: stateDocument(state), regimes: {} });
    expect(stateHash(state)).toBe(createHash("sha256").update(bare).digest("hex"));
  });

  it("does not depend on the order in which accounts and regimes were opened", () => {
    const other = {
      ...forkState(state),
      accounts: new Map([...state.accounts].reverse()),
    };
    const regimes = new Map([...flow.regimes].reverse());
    expect(stateHash(other, regimes)).toBe(stateHash(state, flow.regimes));
  });

  it("tells one unit of one balance apart, and one regime", () => {
    const before = stateHash(state, flow.regimes);
    const other = forkState(state);
    const [id, account] = [...other.accounts][0]!;
    const balances = new Map([...account.balances].map(([name, sum]) => [name, sum + 1n]));
    other.accounts.set(id, { ...account, balances });
    expect(stateHash(other, flow.regimes)).not.toBe(before);
    expect(stateHash(state, new Map([...flow.regimes].slice(1)))).not.toBe(before);
  });
});

describe("the hash of the kernel", () => {
  it("is the same each time, 64 hex digits", () => {
    expect(kernelHash()).toMatch(/^[0-9a-f]{64}$/);
    expect(kernelHash()).toBe(kernelHash());
    expect(kernelHash()).toBe(hashOf(".", ".ts"));
  });

  it("covers the code of core and regime, its paths too, and nothing else", () => {
    const root = mkdtempSync(join(tmpdir(), "kernel-"));
    const write = (path: string, text: string) => writeFileSync(join(root, path), text);
    try {
      for (const folder of ["core/math", "regime", "gateway"]) {
        mkdirSync(join(root, folder), { recursive: true });
      }
      write("core/math/exp.js", "1");
      write("regime/fold.js", "2");
      const before = hashOf(root, ".js");
      write("core/math/exp.test.ts", "3");
      write("core/math/exp.d.ts", "4");
      write("gateway/flow.js", "5");
      expect(hashOf(root, ".js")).toBe(before);
      write("regime/fold.js", "3");
      const changed = hashOf(root, ".js");
      expect(changed).not.toBe(before);
      write("regime/fold.js", "2");
      rmSync(join(root, "core/math/exp.js"));
      write("core/exp.js", "1");
      expect(hashOf(root, ".js")).not.toBe(before);
      expect(hashOf(root, ".js")).not.toBe(changed);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
