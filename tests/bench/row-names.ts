/** The rows of `npm run bench operations`. tests/simulate reckons with them, so a name is changed in both. */
export const OPERATIONS = [
  "token check (GET of nothing)",
  "whoami, modern",
  "legacy initialize",
  "legacy notification",
  "legacy tools/list",
  "legacy tools/call whoami",
  "legacy DELETE",
  "push of new files",
  "push again, files unchanged",
  "list_directory, new process",
  "list_directory, again",
  "read_file, new process",
  "read_file, again",
  "search_files, new process",
  "search_files, again",
  "workspace_report, on a worker",
  "workspace_report, the same again",
] as const;

export type OperationName = (typeof OPERATIONS)[number];

/** The rows of `npm run bench streams`, each of which adds to the one above. */
export const HELD = [
  "nothing",
  "listen on lists and a file",
  "and a worker at work, its task unheard of",
  "and a listen on that task",
  "and a call that follows it",
  "and a session's own stream with a file",
] as const;

export type HeldName = (typeof HELD)[number];
