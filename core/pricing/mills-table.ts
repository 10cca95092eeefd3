/**
 * Taylor coefficients of the Mills ratio about 193 nodes, made at load from its definition.
 *
 *      M(z) = (1 - Φ(z)) / φ(z) = ∫ e^(-zu - u²/2) du,  u from 0 to ∞
 *      a_n  = (-1)^n M⁽ⁿ⁾(z) / n! = ∫ u^n e^(-zu - u²/2) du / n!  > 0
 *
 *      a_1 = 1 - z a_0,      (n + 1) a_{n+1} = a_{n-1} - z a_n
 *
 * At the last node, z = 12, M is Laplace's continued fraction 1/(z + 1/(z + 2/(z + …))). From there
 * the table walks down to 0 by its own series, M(z - δ) = Σ a_n δ^n: in that direction an error
 * shrinks. The recurrence loses up to 200 bits on the way to the last coefficient, hence 480 bits
 * of whole numbers; each entry is then rounded once. Nothing in it is copied from anywhere.
 */

/** Nodes stand at j / 16. */
export const NODES_PER_UNIT = 16;
/** The last node. */
export const NODE_MAX = 12;
/** The highest power in the table. */
export const POWER_MAX = 26;
/** Coefficients of one node. */
export const STRIDE = POWER_MAX + 1;

const BITS = 480n;
const ONE = 1n << BITS;
/** 1/16 as a shift. */
const STEP_BITS = 4n;
/** Of a step between nodes: what is left out is below 2^-190. */
const STEP_TERMS = 32;
const FRACTION_DEPTH = 200;

/** a_n at node j, at index j * {@link STRIDE} + n; shape [193 x 27]. */
export const millsTaylor: Float64Array = taylorTable();

function taylorTable(): Float64Array {
  const last = NODE_MAX * NODES_PER_UNIT;
  const table = new Float64Array((last + 1) * STRIDE);
  let mills = continuedFraction(BigInt(NODE_MAX));
  for (let j = last; j >= 0; j--) {
    const taylor = coefficients(mills, BigInt(j));
    for (let n = 0; n < STRIDE; n++) table[j * STRIDE + n] = Number(taylor[n]!) / Number(ONE);
    mills = taylor.reduceRight((sum, a) => a + (sum >> STEP_BITS), 0n);
  }
  return table;
}

/** M at a whole z. */
function continuedFraction(z: bigint): bigint {
  let rest = 0n;
  for (let n = FRACTION_DEPTH; n >= 1; n--) rest = (BigInt(n) * ONE * ONE) / (z * ONE + rest);
  return (ONE * ONE) / (z * ONE + rest);
}

/** a_0 … a_32 at node j. */
function coefficients(mills: bigint, j: bigint): bigint[] {
  const taylor = [mills, ONE - ((j * mills) >> STEP_BITS)];
  for (let n = 1; n < STEP_TERMS; n++) {
    taylor.push((taylor[n - 1]! - ((j * taylor[n]!) >> STEP_BITS)) / BigInt(n + 1));
  }
  return taylor;
}
