/** A thousand single bits, drawn over every file of a journal: logs, headers, free space. */
import { afterAll, describe, expect, it } from "vitest";
import { flipBits } from "./flips.test-kit.ts";
import { removeFolders } from "./journal-files.test-kit.ts";

afterAll(removeFolders);

describe("a journal with one bit flipped", () => {
  it("is refused, whichever of 1,000 bits it is", () => {
    const { tried, unnoticed, files } = flipBits(1_000, Date.now() % 1_000_000);
    expect([tried, unnoticed]).toEqual([1_000, []]);
    expect(files.size).toBeGreaterThan(8);
  }, 300_000);
});
