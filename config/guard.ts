/**
 * The numbers of the mark guard, each with its reason, from config/feed/guard.json.
 *
 * The file maps a name to `{value, why}`; it is held against its shape when it is read, so that a
 * misspelt threshold is an error at the start and never a door left open.
 */
import { check } from "../core/check.ts";
import {
  list,
  map,
  number,
  object,
  optional,
  type Shape,
  type TypeOf,
  text,
} from "../core/shape.ts";
import guard from "./feed/guard.json" with { type: "json" };

const ms = (min: number, max: number) => number({ min, max, integer: true, unit: "ms" });
const share = (max = 1) => number({ min: 0, aboveMin: true, max, unit: "fraction" });
const count = (min: number, max: number) => number({ min, max, integer: true });
const name = text({ max: 64 });
const DAY_MS = 86_400_000;
const beat = ms(100, DAY_MS);

const values = {
  heartbeatMs: object({
    index: beat,
    currency: beat,
    spot: beat,
    perpetual: beat,
    future: beat,
    fx: beat,
    option: beat,
    bond: beat,
  }),
  staleBars: count(1, 100),
  skewMs: ms(0, 60_000),
  majors: list(name, { max: 256 }),
  wide: object({ major: share(), rest: share(), step: share() }),
  deviation: object({ major: share(), rest: share(), vol: share() }),
  sigma: object({
    times: number({ min: 1, max: 100 }),
    annualMin: share(10),
    annualMax: share(100),
    memoryMs: ms(1_000, DAY_MS),
    dtMinMs: ms(1, 60_000),
  }),
  confirm: object({
    marks: count(1, 100),
    overMs: ms(0, DAY_MS),
    tolerance: number({ min: 1, max: 100 }),
  }),
  far: object({ step: share(100), overMs: ms(0, DAY_MS) }),
  absurdFactor: number({ min: 1, aboveMin: true, max: 1e6 }),
  forwardFactor: number({ min: 1, aboveMin: true, max: 1e6 }),
  strikes: count(1, 100),
  release: object({ marks: count(1, 100), overMs: ms(0, DAY_MS) }),
  frozenMs: ms(1_000, DAY_MS),
  bands: object({
    overMs: ms(0, DAY_MS),
    loneMs: ms(0, DAY_MS),
    floor: share(),
    cap: share(2),
    anchors: map(name, object({ of: optional(name), ratio: share(1e6) }), { max: 256 }),
  }),
  smile: object({
    pointsMin: count(4, 100),
    neighbours: count(4, 100),
    mads: number({ min: 1, max: 100 }),
    floor: share(10),
    skip: share(),
    recheckMs: ms(0, DAY_MS),
  }),
  states: object({
    reportMs: ms(1, DAY_MS),
    haltShare: share(),
    haltBeats: number({ min: 0, max: 1_000 }),
    calmBeats: number({ min: 0, max: 1_000 }),
  }),
} as const;

export type GuardSettings = { readonly [K in keyof typeof values]: TypeOf<(typeof values)[K]> };

/** The whole file: every number with why it is what it is. */
export const guardShape = object(
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      object({ value: value as Shape, why: text({ min: 20, max: 1_000 }) }),
    ]),
  ),
);

/** @throws RiskError as `check`, naming the number */
export function readGuardSettings(document: unknown): GuardSettings {
  const read = check(guardShape, document) as Record<string, { readonly value: unknown }>;
  const plain = Object.entries(read).map(([key, { value }]) => [key, value]);
  return Object.fromEntries(plain) as GuardSettings;
}

export const guardSettings: GuardSettings = readGuardSettings(guard);
