/** MUSTs that no test shows, each with the reason. One that a test cites goes from this list. */
export const DEBTS: Readonly<Record<string, string>> = {
  "task-outstanding-inputs": "jobs cannot ask for input yet",
  "task-input-keys": "jobs cannot ask for input yet",
  "task-input-declared": "jobs cannot ask for input yet",
  "task-listen-declared": "subscriptions/listen knows no taskIds yet",
  "task-listen-ack": "subscriptions/listen knows no taskIds yet",
};
