/** The command was called wrongly: its message is all that the user needs. */
export class UsageError extends Error {}
