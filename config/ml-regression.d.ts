/** The one class that we use of a package that brings no types. */
declare module "ml-regression" {
  export class MultivariateLinearRegression {
    /** Shape [inputs + 1][outputs]; the intercept stands last. */
    readonly weights: readonly (readonly number[])[];
    constructor(
      x: readonly (readonly number[])[],
      y: readonly (readonly number[])[],
      options?: { readonly intercept?: boolean; readonly statistics?: boolean },
    );
  }
}
