export { EmulatorClock } from "./clock.ts";
export { type Cloud, type CloudOptions, startCloud } from "./cloud.ts";
export { type Fault, type FaultAction, FaultPlan, type FaultService } from "./faults/fault-plan.ts";
export { PortTakenError } from "./http/serve.ts";
export type * from "./template.ts";
