/** Tests of what approvers were shown: each has his own, for a while, and room comes back. */
import { describe, expect, it } from "vitest";
import { APPROVERS_MAX, PREVIEW_MS_MAX, PREVIEWS_MAX, type Seen, SeenPreviews } from "./seen.ts";

const shown = (hash: string, atMs: number): Seen => ({ hash, text: "{}", atMs, ranMs: 0 });

describe("what an approver was shown", () => {
  it("stands to the last millisecond, for him", () => {
    const seen = new SeenPreviews();
    seen.add("a", shown("h", 5));
    expect(seen.find("a", "h", 5 + PREVIEW_MS_MAX)).toEqual(shown("h", 5));
    expect(seen.find("a", "h", 6 + PREVIEW_MS_MAX)).toBe(undefined);
    expect(seen.find("a", "g", 5)).toBe(undefined);
    expect(seen.find("b", "h", 5)).toBe(undefined);
  });

  it("is his newest few", () => {
    const seen = new SeenPreviews();
    for (let i = 0; i <= PREVIEWS_MAX; i++) seen.add("a", shown(`h${i}`, i));
    expect(seen.find("a", "h0", 9)).toBe(undefined);
    for (let i = 1; i <= PREVIEWS_MAX; i++) expect(seen.find("a", `h${i}`, 9)?.atMs).toBe(i);
  });

  it("gives its room back when it no longer stands", () => {
    const seen = new SeenPreviews();
    for (let i = 0; i < APPROVERS_MAX; i++) seen.add(`p${i}`, shown("h", i));
    expect(() => seen.add("late", shown("h", PREVIEW_MS_MAX))).toThrow(/limit_exceeded/);
    seen.add("late", shown("h", PREVIEW_MS_MAX + 1));
    expect(seen.find("late", "h", PREVIEW_MS_MAX + 1)?.hash).toBe("h");
    expect(seen.find("p1", "h", PREVIEW_MS_MAX + 1)?.hash).toBe("h");
  });
});
