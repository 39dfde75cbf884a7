import { dueProjectsContract } from "./contracts/due-projects.contract.ts";
import { MemoryDueProjects } from "./due-projects-memory.ts";

dueProjectsContract("MemoryDueProjects", () => new MemoryDueProjects());
