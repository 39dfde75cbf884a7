/** MUSTs that no test shows, each with the reason. One that a test cites goes from this list. */
export const DEBTS: Readonly<Record<string, string>> = {};
