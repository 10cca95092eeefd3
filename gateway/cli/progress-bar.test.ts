/** Tests of the progress bar: what a terminal shows, and that nothing else sees it. */
import { describe, expect, it } from "vitest";
import { progressBar } from "./progress-bar.ts";

const screen = (isTTY: boolean) => {
  const written: string[] = [];
  return { isTTY, written, write: (text: string) => written.push(text) };
};

describe("a progress bar", () => {
  it("draws one line in place, only when it changed, and clears it", () => {
    const tty = screen(true);
    const bar = progressBar("btc", tty);
    for (const share of [0, 0.5, 0.501, 1]) bar.tell(share);
    bar.end();
    expect(tty.written.length).toBe(4);
    expect(tty.written[1]).toContain(`btc ${"█".repeat(15)}${"░".repeat(15)}  50 %`);
    expect(tty.written[2]).toContain("100 %");
    expect(tty.written[3]).toBe("\r\u001b[K");
    expect(tty.written.join("")).not.toContain("\n");
  });

  it("stays silent where nobody watches", () => {
    const pipe = screen(false);
    const bar = progressBar("btc", pipe);
    bar.tell(0.5);
    bar.end();
    expect(pipe.written).toEqual([]);
  });
});
