/** What an operator can understand and mend: printed as it is, without a stack. Ends with 1. */
export class OpsProblem extends Error {
  override readonly name: string = 'OpsProblem'
}

/** The command was not given as it should be. Ends with 2. */
export class UsageProblem extends OpsProblem {
  override readonly name = 'UsageProblem'
}
