export type Environment = Readonly<Record<string, string | undefined>>;

/** @throws Error that names the variable that is missing or empty. */
export function needVariable(env: Environment, name: string): string {
  const value = env[name];
  if (!value) throw new Error(`${name} is not set.`);
  return value;
}

/** @throws Error for what is no whole number from 1 to `most`. */
export function wholeNumber(env: Environment, name: string, most: number): number {
  const value = needVariable(env, name);
  const number = Number(value);
  if (/^\d{1,6}$/.test(value) && number >= 1 && number <= most) return number;
  throw new Error(`${name} is ${value}: it takes a number from 1 to ${most}.`);
}
