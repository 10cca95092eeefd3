/** Tests of the tuning desk: an approver was shown what he approves, and it can be read again. */
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../../core/canonical.ts";
import { folderOver, openTuning } from "./desk.test-kit.ts";
import { hashOf } from "./kept.ts";
import { SHADOW_MS_MIN } from "./proposal.ts";
import { APPROVERS_MAX, PREVIEWS_MAX } from "./seen.ts";

const wishes = { "scale.damping": 0.5 };
const refusal = (code: string, path: string, expected: RegExp = /./) =>
  expect.objectContaining({
    code,
    detail: expect.objectContaining({ path, expected: expect.stringMatching(expected) }),
  });

describe("an approval", () => {
  it.each([221_000, SHADOW_MS_MIN - 1])(
    "on a preview after %i ms of the shadow is refused, however long it runs then",
    async (early) => {
      const { desk, asking, pass, approved } = await openTuning();
      const proposal = desk.propose(asking("quant-a"), wishes);
      pass(early);
      const { hash, document } = await desk.preview(proposal.id, "quant-b");
      expect(document.shadow).toMatchObject({ ranMs: early });
      pass(2 * SHADOW_MS_MIN);
      await expect(desk.approve(proposal.id, { principal: "quant-b", hash })).rejects.toEqual(
        refusal("conflict", "params.hash", /preview again/),
      );
      expect(desk.version("BTC")).toBe(0);
      expect(await approved(proposal)).toBe(1);
    },
  );

  it("of what needs no shadow takes a preview at its start", async () => {
    const { desk, asking, approved } = await openTuning();
    await desk.freeze({ principal: "ops", underlying: "BTC", reason: "bad index" }, true);
    expect(await approved(desk.release(asking("quant-a")))).toBe(2);
    expect(desk.regime("BTC").steer.frozen).toBe(false);
  });

  it("stands on what the approver was shown, not on what another was", async () => {
    const { desk, asking, pass } = await openTuning();
    const { id } = desk.propose(asking("quant-a"), wishes);
    pass(SHADOW_MS_MIN);
    for (const other of [undefined, "quant-a", "quant-c"]) {
      const { hash } = await desk.preview(id, other);
      await expect(desk.approve(id, { principal: "quant-b", hash })).rejects.toEqual(
        refusal("conflict", "params.hash", /of your own/),
      );
      pass(1);
    }
  });

  it("cannot be pushed out by others' previews, only by as many of one's own", async () => {
    const { desk, asking, pass } = await openTuning();
    const { id } = desk.propose(asking("quant-a"), wishes);
    pass(SHADOW_MS_MIN);
    const { hash } = await desk.preview(id, "quant-b");
    const shownAgain = async (principal: string): Promise<void> => {
      pass(1);
      await desk.preview(id, principal);
    };
    for (let i = 0; i < 3 * PREVIEWS_MAX; i++) await shownAgain("quant-c");
    for (let i = 1; i < PREVIEWS_MAX; i++) await shownAgain("quant-b");
    expect((await desk.approve(id, { principal: "quant-b", hash })).version).toBe(1);
  });

  it("is refused once as many newer previews were shown to its approver", async () => {
    const { desk, asking, pass } = await openTuning();
    const { id } = desk.propose(asking("quant-a"), wishes);
    pass(SHADOW_MS_MIN);
    const { hash } = await desk.preview(id, "quant-b");
    for (let i = 0; i < PREVIEWS_MAX; i++) {
      pass(1);
      await desk.preview(id, "quant-b");
    }
    await expect(desk.approve(id, { principal: "quant-b", hash })).rejects.toEqual(
      refusal("conflict", "params.hash"),
    );
  });

  it("is prepared by so many principals at a time", async () => {
    const { desk, asking } = await openTuning();
    const { id } = desk.propose(asking("quant-a"), wishes);
    for (let i = 0; i < APPROVERS_MAX; i++) await desk.preview(id, `quant-${i}`);
    await expect(desk.preview(id, "quant-b")).rejects.toEqual(
      refusal("limit_exceeded", "params.proposal"),
    );
    await desk.preview(id, "quant-0");
    await desk.preview(id);
  });
});

describe("what was approved", () => {
  it("can be read after a restart by the hash that the history tells", async () => {
    const { desk, asking, pass, approved, files, again } = await openTuning();
    const proposal = desk.propose(asking("quant-a"), wishes);
    pass(SHADOW_MS_MIN);
    const looked = await desk.preview(proposal.id, "quant-b");
    expect(files.size).toBe(0);
    await approved(proposal);
    desk.close();
    const after = again();
    const hash = after.history("BTC")[0]!.command.by.hash!;
    expect(after.previewed(hash)).toEqual(looked.document);
    expect(hashOf(canonicalJson(after.previewed(hash)))).toBe(hash);
    expect([...files.keys()]).toEqual([`${hash}.json`]);
  });

  it("is on disk before the list has it; where it cannot be, nothing is decided", async () => {
    const files = new Map<string, Uint8Array>();
    const commands: number[] = [];
    let full = true;
    const folder = {
      ...folderOver(files),
      async write(name: string, bytes: Uint8Array) {
        commands.push(tuning.flow.engine.state.commands);
        if (full) throw Object.assign(new RangeError("full"), { code: "ENOSPC" });
        await new Promise((resolve) => setTimeout(resolve, 20));
        files.set(name, bytes);
      },
    };
    const tuning = await openTuning({ folder });
    const { desk, asking, pass, approved, flow } = tuning;
    const proposal = desk.propose(asking("quant-a"), wishes);
    pass(SHADOW_MS_MIN);
    const before = flow.engine.state.commands;
    await expect(approved(proposal)).rejects.toEqual(refusal("journal_full", "previews"));
    expect([flow.engine.state.commands, desk.open("BTC").length]).toEqual([before, 1]);
    full = false;
    expect(await approved(proposal)).toBe(1);
    expect(commands).toEqual([before, before]);
    expect(files.size).toBe(1);
  });
});

describe("a proposal that was open at a restart", () => {
  it("is refused with a word of it, by whatever names it", async () => {
    const tuning = await openTuning();
    const { desk, asking, pass, again } = tuning;
    const { id } = desk.propose(asking("quant-a"), wishes);
    pass(SHADOW_MS_MIN);
    const { hash } = await desk.preview(id, "quant-b");
    desk.close();
    tuning.wallMs += 1;
    const after = again();
    const gone = refusal("unknown_value", "params.proposal", /do not outlive a restart/);
    await expect(after.approve(id, { principal: "quant-b", hash })).rejects.toEqual(gone);
    await expect(after.preview(id, "quant-b")).rejects.toEqual(gone);
    const next = after.propose(asking("quant-a"), wishes);
    expect(next.id).not.toBe(id);
    const replaced = after.propose(asking("quant-a"), wishes);
    expect(replaced.id).not.toBe(next.id);
    await expect(after.preview(next.id)).rejects.toEqual(
      refusal("unknown_value", "params.proposal", /^an open proposal$/),
    );
  });
});

describe("the refusal of a proposed value", () => {
  it.each([
    [{ coverage: 0.5 }, "out_of_bounds", "params.changes.coverage"],
    [{ "scale.damping": "much" }, "wrong_type", "params.changes.scale.damping"],
    [{ "range.max": 0.85 }, "out_of_bounds", "params.changes.range.max"],
    [{ "scale.width": 1 }, "unknown_key", "params.changes"],
    [{ coverage: 0.995 }, "missing_field", "params.changes"],
  ])("%j is %s at %s", async (changes, code, path) => {
    const { desk, asking } = await openTuning();
    expect(() => desk.propose(asking("quant-a"), changes as never)).toThrow(refusal(code, path));
  });

  it("of a coefficient has its path in the request", async () => {
    const { desk, asking } = await openTuning();
    const good = { intercept: -1, day: 0.5, week: 0.3, month: 0.1, level: 4.5 };
    expect(() => desk.refit(asking("quant-a"), { ...good, day: 1e6 })).toThrow(
      refusal("out_of_bounds", "params.coefficients.day"),
    );
    expect(() => desk.refit(asking("quant-a"), { ...good, year: 1 })).toThrow(
      refusal("unknown_key", "params.coefficients.year"),
    );
  });
});
