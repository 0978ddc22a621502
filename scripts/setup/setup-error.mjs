/** A set-up that can't go on; the message says what is missing and what to do, and is all that is shown. */
export class SetupError extends Error {}
