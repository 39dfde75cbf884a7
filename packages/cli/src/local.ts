export { accessToken, findTarget } from "./connection/target.ts";
export { type LocalCloud, type LocalCloudOptions, startLocalCloud } from "./local/local-cloud.ts";

import { DEFAULT_STATE } from "./connection/arguments.ts";
import { accessToken, findTarget } from "./connection/target.ts";

/** A bearer token of a local user, signed in through the hosted page. */
export function signInUser(state: string = DEFAULT_STATE, user = "dev"): Promise<string> {
  return accessToken(findTarget({ state, user, json: false }));
}

export { localTemplate } from "./local/template.ts";
