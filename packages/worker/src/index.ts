export { runWorker } from "./worker.ts";
