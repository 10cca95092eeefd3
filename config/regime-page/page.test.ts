/** The tables and the picture of docs/regime.md are what the studies say. */
import { describe, expect, it } from "vitest";
import { regionOf } from "../margin-page/page.ts";
import { filesAtHand, picture, readPage, readPicture, regions, studies } from "./page.ts";

describe.skipIf(!filesAtHand())("docs/regime.md (skipped where the files are not at hand)", () => {
  const found = filesAtHand() ? studies() : undefined;

  it.each(["btc", "spx", "ablation", "second", "march"] as const)(
    "shows %s as it was measured (`node config/regime-page/page.ts` writes it)",
    (name) => {
      expect(regionOf(readPage(), name)).toBe(regions(found!)[name]);
    },
  );

  it("shows March 2020 as it was published", () => {
    expect(readPicture()).toBe(picture(found!));
    expect(readPage()).toContain("march-2020.svg");
  });
});
