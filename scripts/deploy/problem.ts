/** A deployment that can't go on. Its message says why and how to go on, and is all that is shown. */
export class DeployProblem extends Error {
  override readonly name = 'DeployProblem'
}
