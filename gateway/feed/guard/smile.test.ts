/** The smile: what stands off its neighbours, and what only looks as if it did. */
import { describe, expect, it } from "vitest";
import { guardSettings } from "../../../config/guard.ts";
import { chance } from "../chance.ts";
import { calls, START_MS } from "./guard.test-kit.ts";
import { fitParabola } from "./quadratic.ts";
import { Smiles } from "./smile.ts";

const FORWARD = 65_000;
const strikes = Array.from({ length: 25 }, (_, i) => 35_000 + 2_500 * i);
const x = (strike: number) => Math.log(strike / FORWARD);

/** Vol by strike. */
type Shape = (strike: number) => number;
const shapes: Readonly<Record<string, Shape>> = {
  flat: () => 0.6,
  skewed: (strike) => 0.6 - 0.4 * x(strike),
  curved: (strike) => 0.5 + 1.5 * x(strike) ** 2,
  "a day from expiry, five times as high in the wings": (strike) => 0.5 + 6.5 * x(strike) ** 2,
  "a hyperbola with a sharp bottom": (strike) =>
    Math.sqrt(0.05 + 0.9 * (-0.3 * x(strike) + Math.sqrt(x(strike) ** 2 + 0.0025))),
  "a V": (strike) => 0.4 + 1.6 * Math.abs(x(strike)),
  "a kink at the money": (strike) => (strike < FORWARD ? 0.6 - 1.2 * x(strike) : 0.6),
};

function opened(shape: Shape, noise = 0.01): { smiles: Smiles; ids: string[]; vols: number[] } {
  const smiles = new Smiles(guardSettings.smile);
  const options = calls(strikes);
  const dice = chance(7, "vol");
  const vols = strikes.map((strike) => shape(strike) * (1 + noise * dice.gaussian()));
  for (const option of options) smiles.add(option);
  const ids = options.map(({ id }) => id);
  for (let round = 0; round < 2; round++)
    for (const [i, id] of ids.entries()) smiles.fits(id, vols[i]!, START_MS + round * 20_000);
  return { smiles, ids, vols };
}

describe("an honest smile", () => {
  it.each(Object.entries(shapes))("%s: is let through at every strike", (_, shape) => {
    const { smiles, ids, vols } = opened(shape);
    const off = ids.filter((id, i) => !smiles.fits(id, vols[i]!, START_MS + 60_000));
    expect(off).toEqual([]);
  });

  it("is let through when it rises as a whole by a tenth", () => {
    const { smiles, ids, vols } = opened(shapes["curved"]!);
    const off = ids.filter((id, i) => !smiles.fits(id, 1.1 * vols[i]!, START_MS + 60_000));
    expect(off).toEqual([]);
  });

  it("is let through within one round when it doubles at once", () => {
    const { smiles, ids, vols } = opened(shapes["curved"]!);
    const round = (at: number) => ids.filter((id, i) => !smiles.fits(id, 2 * vols[i]!, at)).length;
    expect(round(START_MS + 60_000)).toBeGreaterThan(0);
    expect(round(START_MS + 75_000)).toBe(0);
  });
});

describe("a vol off the smile", () => {
  const wrong = ids3(strikes.length);
  it.each(
    Object.entries(shapes).flatMap(([name, shape]) =>
      wrong.flatMap((place) => [3, 1 / 3].map((factor) => [name, factor, place, shape] as const)),
    ),
  )(
    "%s: x %d at place %d is not let through, and is when it is right again",
    (_, factor, place, shape) => {
      const { smiles, ids, vols } = opened(shape);
      const [id, vol] = [ids[place]!, vols[place]!];
      expect(smiles.fits(id, vol * factor, START_MS + 60_000)).toBe(false);
      expect(smiles.fits(id, vol * factor, START_MS + 61_000)).toBe(false);
      expect(smiles.fits(id, vol, START_MS + 62_000)).toBe(true);
    },
  );

  it("may creep there and is caught on the way", () => {
    const { smiles, ids, vols } = opened(shapes["flat"]!);
    let vol = vols[12]!;
    let at = START_MS + 60_000;
    while (smiles.fits(ids[12]!, vol, at)) {
      vol *= 1.01;
      at += 1_000;
    }
    expect(vol).toBeLessThan(1.35 * vols[12]!);
  });

  it("does not take its neighbours with it, were a third of them wrong", () => {
    const { smiles, ids, vols } = opened(shapes["curved"]!);
    const bad = (i: number) => i % 3 === 1;
    for (const [i, id] of ids.entries())
      smiles.fits(id, vols[i]! * (bad(i) ? 2.5 : 1), START_MS + 60_000);
    const off = ids.filter((id, i) => !bad(i) && !smiles.fits(id, vols[i]!, START_MS + 90_000));
    expect(off).toEqual([]);
  });

  it("is nobody's to judge among fewer than six others", () => {
    const smiles = new Smiles(guardSettings.smile);
    const few = calls(strikes.slice(0, 6));
    for (const option of few) smiles.add(option);
    for (const { id } of few.slice(1)) smiles.fits(id, 0.6, START_MS);
    expect(smiles.fits(few[0]!.id, 6, START_MS)).toBe(true);
  });
});

/** First, middle and last. */
function ids3(count: number): readonly number[] {
  return [0, Math.floor(count / 2), count - 1];
}

describe("the parabola", () => {
  it("goes through points that lie on one, to 1e-9", () => {
    const xs = [1, 2, 3.5, 5, 8, 9];
    const curve = fitParabola(
      xs,
      xs.map((u) => 2 - 3 * u + 0.25 * u * u),
    );
    for (const u of [0, 4, 10]) expect(curve.at(u)).toBeCloseTo(2 - 3 * u + 0.25 * u * u, 6);
    expect(curve.scale).toBeLessThan(1e-6);
  });

  it("answers with numbers where all points lie at one place", () => {
    const curve = fitParabola([5, 5, 5], [1, 2, 3]);
    expect(Number.isFinite(curve.at(5))).toBe(true);
  });
});
