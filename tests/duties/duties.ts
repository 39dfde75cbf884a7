import { AUTHORIZATION_SERVER } from "./authorization-server.ts";
import type { Duty } from "./duty.ts";
import { HTTP_LEGACY } from "./http-legacy.ts";
import { HTTP_MODERN } from "./http-modern.ts";
import { RESOURCE_SERVER } from "./resource-server.ts";
import { SESSIONS } from "./sessions.ts";
import { TASKS } from "./tasks.ts";

export const DUTIES: readonly Duty[] = [
  ...SESSIONS,
  ...TASKS,
  ...RESOURCE_SERVER,
  ...AUTHORIZATION_SERVER,
  ...HTTP_MODERN,
  ...HTTP_LEGACY,
];
