/** The project that a user's calls mean when they name none. */
export interface ProjectChoices {
  /** Undefined: none was chosen. Strongly consistent. */
  chosen(tenant: string, subject: string): Promise<string | undefined>;
  /** Of several choices the last one counts; the same again changes nothing. */
  choose(tenant: string, subject: string, project: string): Promise<void>;
}
