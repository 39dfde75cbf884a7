export { PullService, type PullServiceOptions } from "./pull-service.ts";
export * from "./pull-wire.ts";
export { PushService, type PushServiceOptions } from "./push-service.ts";
export * from "./push-wire.ts";
