import { physicalName } from "./stage.ts";

/**
 * Keys that sign what clients bring back (`requestState`). Made once: a new one at each deploy would
 * void what is under way. To replace it, an administrator writes `<new>,<old>` into the parameter.
 */
export function createStateKeys() {
  const key = aws.secretsmanager.getRandomPasswordOutput({
    passwordLength: 64,
    excludePunctuation: true,
  }).randomPassword;
  return new aws.ssm.Parameter(
    "StateKeys",
    { name: `/${physicalName("state-keys")}`, type: "SecureString", value: $util.secret(key) },
    { ignoreChanges: ["value"] },
  );
}
