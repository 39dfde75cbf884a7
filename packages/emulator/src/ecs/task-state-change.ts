import { randomUUID } from "node:crypto";
import type { CloudEvent } from "../events/cloud-event.ts";
import type { Place } from "../template.ts";
import { TASK_TIMES, type Task } from "./task.ts";

const isoTime = (epochSeconds: number) => new Date(epochSeconds * 1000).toISOString();

/**
 * The EventBridge event of a task's change at `now` (epoch seconds). Its detail is the task with ISO
 * times and without tags (ECS Developer Guide, "Amazon ECS task state change events").
 */
export function taskStateChange(task: Task, place: Place, now: number): CloudEvent {
  const { tags: _tags, ...shown } = task;
  const times = TASK_TIMES.flatMap((name) => {
    const time = task[name];
    return time === undefined ? [] : [[name, isoTime(time)]];
  });
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": "ECS Task State Change",
    source: "aws.ecs",
    account: place.account,
    time: isoTime(now).replace(/\.\d+Z$/, "Z"),
    region: place.region,
    resources: [task.taskArn],
    detail: { ...shown, ...Object.fromEntries(times), updatedAt: isoTime(now) },
  };
}
