/** A start that can't go on. The message says what happened and what to do next, and is all that is shown. */
export class StartProblem extends Error {}
