/**
 * Offsets between underlyings: a group's legs move together, so part of their risks cancel.
 *
 *      group = λ joint + (1 - λ) Σ_u f_u standalone_u
 *      joint = max(0, max_s Σ_u f_u L_u[s])                 f = the stage's factor
 *
 * The rows' part of each member's requirement shrinks to its share of the group's; charges stay.
 *
 * Rows of a group meet by index. On ladders with unequal ranges they meet at equal shares x of each
 * member's own range: L_u(x) is the array interpolated at slide x P_u, for x = 0, ±1 and every
 * breakpoint j step / P_u of any member; between breakpoints every L_u is linear, so the largest
 * sum stands on one of them. Tails and skew rows meet by index. Each L_u(x) is a mixture that the
 * member's own requirement already covers, hence joint <= group <= sum always.
 *
 * Where a beta multiplies a member's slides, its standalone takes those rows too, for the same
 * bound.
 */
import { RiskError } from "../errors.ts";
import { onLadder } from "../scenario/mask.ts";
import { rowFamilies, type Stage } from "../terms.ts";
import { combine, rowTimes } from "./combine.ts";
import { portfolioRows } from "./portfolio-rows.ts";
import { tied } from "./scan.ts";
import { scanStage, stageFactor, type UnderlyingResult } from "./underlying.ts";

/** A group as it stands in one account, at least two members. */
export interface GroupResult {
  readonly members: readonly string[];
  /** λ: the smaller of the terms' credit and what the comovement input allows. */
  readonly credit: number;
  readonly initial: GroupStage;
  readonly maintenance: GroupStage;
}

export interface GroupStage {
  /** Σ f standalone, with the beta rows. */
  readonly standaloneSum: number;
  readonly joint: { readonly loss: number; readonly worst: number };
  /** λ joint + (1 - λ) standaloneSum. */
  readonly requirement: number;
  /** What beta rows add to the members' own requirements. */
  readonly betaExtra: number;
  /** What the credit takes off the members' requirements, with those rows, ≥ 0. */
  readonly saved: number;
}

/** A member's losses at the places where the group's rows meet. */
type Losses = (x: Meeting) => Float64Array;

/** Where rows meet: by index, or on ladders at these shares of each member's range. */
interface Meeting {
  readonly shares: readonly number[] | null;
}

/** @throws RiskError terms_invalid when the members' rows cannot meet */
export function offsetGroup(credit: number, members: readonly UnderlyingResult[]): GroupResult {
  return {
    members: members.map(({ view }) => view.id),
    credit,
    initial: groupStage("initial", credit, members),
    maintenance: groupStage("maintenance", credit, members),
  };
}

function groupStage(
  stage: Stage,
  credit: number,
  members: readonly UnderlyingResult[],
): GroupStage {
  const meeting = meetingOf(stage, members);
  const joint: number[] = [];
  let standaloneSum = 0;
  let betaExtra = 0;
  for (const member of members) {
    const factor = stageFactor(member.input, stage);
    const losses = lossesOf(member, stage)(meeting);
    if (joint.length > 0 && joint.length !== losses.length) throw unequalRows(members);
    losses.forEach((loss, i) => {
      joint[i] = (joint[i] ?? 0) + factor * loss;
    });
    const own = member[stage].scanningRisk;
    const widest = member.view.beta === 1 ? own : Math.max(own, largest(losses));
    standaloneSum += factor * widest;
    betaExtra += factor * (widest - own);
  }
  const most = Math.max(...joint);
  const worst = joint.findIndex((loss) => tied(loss, most));
  const loss = Math.max(0, most);
  const requirement = credit * loss + (1 - credit) * standaloneSum;
  const saved = savedOf(stage, members, requirement, betaExtra);
  return { standaloneSum, joint: { loss, worst }, requirement, betaExtra, saved };
}

/**
 * What the members' requirements lose when the rows of each shrink in the proportion in which the
 * group's rows do. Charges stay, so a minimum that a tree holds against rows is still held.
 *
 * With resting orders the members' rows may be worst in subsets that cannot be at once, and their
 * proportion says too much: a hedge that only rests would shrink what another member needs. What
 * holds in every subset is the members' charges and the group's rows, beside each other.
 */
function savedOf(
  stage: Stage,
  members: readonly UnderlyingResult[],
  requirement: number,
  betaExtra: number,
): number {
  const rows = members.reduce((sum, { [stage]: of }) => sum + of.factor * of.scanningRisk, 0);
  if (rows === 0) return betaExtra - requirement;
  const whole = betaExtra + members.reduce((sum, { [stage]: of }) => sum + of.requirement, 0);
  const resting = members.some(
    ({ input, view }) => input.orders.length > 0 && view.terms.charges.openOrders[stage] > 0,
  );
  if (!resting) return whole - shrunk(stage, members, requirement / rows);
  const times = Math.max(...members.map(({ view }) => rowTimes(view.terms.combine)));
  return Math.max(0, whole - shrunk(stage, members, 0) - times * requirement);
}

/** Requirements of the members together, with `proportion` of their rows. */
function shrunk(stage: Stage, members: readonly UnderlyingResult[], proportion: number): number {
  let sum = 0;
  for (const { view, [stage]: of } of members) {
    of.stage.masks.forEach(({ share }, i) => {
      const factor = of.factor * proportion;
      const decimals = view.terms.lossDecimals;
      const leaves = { scan: of.scans[i]!, factor, charges: of.charges, decimals };
      sum += share * combine(view.terms.combine, leaves);
    });
  }
  return sum;
}

function lossesOf(member: UnderlyingResult, stage: Stage): Losses {
  const { view, input } = member;
  const { jointPlane, plane, masks } = view[stage];
  const scans =
    jointPlane === plane
      ? member[stage].scans
      : scanStage(
          input,
          stage,
          jointPlane,
          portfolioRows(view, jointPlane, input.holdings, input.coinUsd),
        );
  return ({ shares }) => {
    if (shares === null) return scans[scans.length - 1]!.losses;
    const mixed = mixMasks(
      member,
      stage,
      scans.map(({ losses }) => losses),
    );
    return alongShares(member, stage, mixed, shares, masks[masks.length - 1]!.rows);
  };
}

/** Losses of the outer mask's rows, each mixed from the masks that show it by their shares. */
function mixMasks(
  { view }: UnderlyingResult,
  stage: Stage,
  losses: readonly Float64Array[],
): Float64Array {
  const { masks } = view[stage];
  if (masks.length === 1) return losses[0]!;
  const [inner, outer] = [masks[0]!, masks[1]!];
  const mixed = Float64Array.from(losses[1]!);
  let at = 0;
  for (let i = 0; i < inner.rows.length; i++) {
    while (outer.rows[at] !== inner.rows[i]) at++;
    mixed[at] = inner.share * losses[0]![i]! + outer.share * losses[1]![at]!;
  }
  return mixed;
}

const byIndex = new Set([rowFamilies.indexOf("tails"), rowFamilies.indexOf("skew")]);

/** Losses at each share of the range and each vol direction or copy; then tails and skew rows. */
function alongShares(
  { view }: UnderlyingResult,
  stage: Stage,
  losses: Float64Array,
  shares: readonly number[],
  rows: Int32Array,
): Float64Array {
  const { grid } = view.planes[view[stage].jointPlane]!;
  const lines = new Map<string, Map<number, number>>();
  const single: number[] = [];
  rows.forEach((row, i) => {
    if (byIndex.has(grid.family[row]!)) single.push(losses[i]!);
    else {
      const key = `${grid.family[row]} ${grid.copy[row]}`;
      const line = lines.get(key) ?? new Map<number, number>();
      lines.set(key, line.set(grid.node[row]!, losses[i]!));
    }
  });
  const steps = view[stage].range / view.terms.scenarios.ladder.step;
  const met = [...lines.values()].flatMap((line) => shares.map((x) => between(line, x * steps)));
  return Float64Array.from([...met, ...single]);
}

/** Linear interpolation of a line of losses by node; within 1e-9 of a node, that node. */
function between(line: ReadonlyMap<number, number>, at: number): number {
  const side = at < 0 ? -1 : 1;
  const { nodes, share } = onLadder(Math.abs(at), 1);
  const near = line.get(side * nodes || 0)!;
  return share === 0 ? near : (1 - share) * near + share * line.get(side * (nodes + 1))!;
}

function meetingOf(stage: Stage, members: readonly UnderlyingResult[]): Meeting {
  const ladders = members.filter(isLadder).length;
  if (ladders === 0) return { shares: null };
  if (ladders < members.length) throw unequalRows(members);
  const shares = new Set<number>([0, 1]);
  for (const { view } of members) {
    const { step } = view.terms.scenarios.ladder;
    const { nodes } = onLadder(view[stage].range, step);
    for (let node = 1; node <= nodes; node++) {
      shares.add(Math.min(1, (node * step) / view[stage].range));
    }
  }
  const right = [...shares].sort((a, b) => a - b);
  return {
    shares: [
      ...right
        .slice(1)
        .reverse()
        .map((x) => -x),
      ...right,
    ],
  };
}

const isLadder = ({ view: { terms } }: UnderlyingResult) =>
  terms.scenarios.rows === null && terms.scenarios.recipe === "ladder";

function unequalRows(members: readonly UnderlyingResult[]): RiskError {
  return new RiskError("terms_invalid", {
    path: "offsets.groups",
    expected: "members with the same rows, or all on ladders",
    found: members.map(({ view }) => `${view.id}: ${view.terms.scenarios.recipe}`).join(", "),
  });
}

const largest = (values: Float64Array) => values.reduce((most, x) => Math.max(most, x), 0);
