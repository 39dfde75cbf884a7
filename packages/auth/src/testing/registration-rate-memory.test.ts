import { registrationRateContract } from "./contracts/registration-rate.contract.ts";
import { MemoryRegistrationRate } from "./registration-rate-memory.ts";

registrationRateContract("MemoryRegistrationRate", () => new MemoryRegistrationRate());
