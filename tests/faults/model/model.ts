import { perCall } from "./calls.ts";
import { checkClients } from "./client-rules.ts";
import type { RunHistory, Violation } from "./history.ts";
import { checkJob, checkNoRepeat, checkOneJobAtWork, jobIds } from "./job-rules.ts";
import { checkLog } from "./log-rules.ts";
import { checkSilence } from "./silence-rules.ts";
import { checkWarm } from "./warm-rules.ts";
import { checkTasks, checkTool } from "./worker-rules.ts";

/** Everything that must hold of a run, whatever happened to it. Imports nothing of the code under test. */
export function checkHistory(history: RunHistory): Violation[] {
  return [...perCall(history).flatMap(checkCall), ...checkTasks(history), ...checkWarm(history)];
}

function checkCall(history: RunHistory): Violation[] {
  const jobs = jobIds(history.rows);
  const none = jobs.length === 0 ? [{ rule: "first", text: "no job was ever stored" }] : [];
  return [
    ...none,
    ...jobs.flatMap((job) => checkJob(history.rows, job)),
    ...checkOneJobAtWork(history.rows),
    ...checkNoRepeat(history.rows),
    ...jobs.flatMap((job) => checkLog(history.rows, job)),
    ...checkTool(history),
    ...checkClients(history),
    ...checkSilence(history),
  ];
}
