/** No bit of a journal's files changes unseen. A thousand flips are in flips.slow.test.ts. */
import { afterAll, describe, expect, it } from "vitest";
import { flipBits } from "./flips.test-kit.ts";
import { removeFolders } from "./journal-files.test-kit.ts";

afterAll(removeFolders);

describe("a journal with one bit flipped", () => {
  it("is refused, whichever of 60 bits it is", () => {
    const { unnoticed, files } = flipBits(60, 20_261_122);
    expect(unnoticed).toEqual([]);
    expect(files.size).toBeGreaterThan(6);
  });
});
