/** Something the user can mend; printed without a stack. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly code = "CLI";
}
