import { projectChoicesContract } from "./contracts/project-choices.contract.ts";
import { MemoryProjectChoices } from "./project-choices-memory.ts";

projectChoicesContract("MemoryProjectChoices", () => new MemoryProjectChoices());
