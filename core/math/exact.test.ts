/** Head and tail against whole numbers, in which nothing is rounded. */
import { describe, expect, it } from "vitest";
import { FACTOR_MAX, productTail, sumTail } from "./exact.ts";

/** Whole numbers of 10 to 53 bits (Lehmer's generator, seed 11): BigInt knows their product. */
function wholes(count: number): readonly [number, number][] {
  let seed = 11;
  const chance = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647;
  };
  const whole = () => Math.floor((chance() - 0.5) * 2 ** (10 + 43 * chance()));
  return Array.from({ length: count }, () => [whole(), whole()]);
}

describe("productTail", () => {
  it("adds up with the product to the exact product, for 2000 pairs", () => {
    for (const [a, b] of wholes(2000)) {
      const product = a * b;
      const exact = BigInt(product) + BigInt(productTail(a, b, product));
      expect(exact, `${a} * ${b}`).toBe(BigInt(a) * BigInt(b));
    }
  });

  it("holds up to its largest factor", () => {
    expect(productTail(FACTOR_MAX, 1 + 2 ** -52, FACTOR_MAX * (1 + 2 ** -52))).toBe(0);
    expect(productTail(FACTOR_MAX * 1.0000001, 1, FACTOR_MAX * 1.0000001)).toBe(0);
    expect(productTail(FACTOR_MAX * 4096, 1, FACTOR_MAX * 4096)).toBeNaN();
  });
});

describe("sumTail", () => {
  it("adds up with the sum to the exact sum, for 2000 pairs in either order", () => {
    for (const [a, b] of wholes(2000)) {
      const small = b / 2 ** 40;
      const tail = sumTail(a, small, a + small);
      const exact = BigInt((a + small) * 2 ** 40) + BigInt(tail * 2 ** 40);
      expect(exact, `${a} + ${small}`).toBe(BigInt(a) * 2n ** 40n + BigInt(b));
      expect(sumTail(small, a, a + small)).toBe(tail);
    }
  });
});
