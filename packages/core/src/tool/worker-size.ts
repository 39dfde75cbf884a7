const GIB = 1024;

/** A Fargate task's size. */
export interface WorkerSize {
  /** 1024 = 1 vCPU. */
  readonly cpu: number;
  /** MiB. */
  readonly memoryMb: number;
  /** GiB of ephemeral storage. */
  readonly diskGb: number;
}

/** Of the task definition (stacks/shape.ts): what a tool gets that asks for nothing. */
export const USUAL_WORKER: WorkerSize = { cpu: 1024, memoryMb: 2048, diskGb: 30 };

/** MiB by CPU units: from, to, step (Amazon ECS developer guide, "Task CPU and memory" for Fargate). */
const SIZES: readonly { readonly cpu: number; readonly memoryMb: readonly number[] }[] = [
  { cpu: 256, memoryMb: [512, GIB, 2 * GIB] },
  { cpu: 512, memoryMb: steps(1, 4, 1) },
  { cpu: 1024, memoryMb: steps(2, 8, 1) },
  { cpu: 2048, memoryMb: steps(4, 16, 1) },
  { cpu: 4096, memoryMb: steps(8, 30, 1) },
  { cpu: 8192, memoryMb: steps(16, 60, 4) },
  { cpu: 16384, memoryMb: steps(32, 120, 8) },
];

/** GiB that a RunTask override may ask for (Amazon ECS API reference, "EphemeralStorage"). */
const DISK_GB = { least: 21, most: 200 };

export type WantedSize = Partial<WorkerSize>;

/**
 * The smallest worker that has what a tool wants; what it does not say is the usual. Undefined: the
 * usual worker.
 * @throws Error for what no Fargate task has: a mistake of the catalogue.
 */
export function toWorkerSize(tool: string, wanted: WantedSize): WorkerSize | undefined {
  if (wanted.cpu === undefined && wanted.memoryMb === undefined && wanted.diskGb === undefined) {
    return undefined;
  }
  const { cpu, memoryMb, diskGb } = { ...USUAL_WORKER, ...wanted };
  for (const value of [cpu, memoryMb, diskGb]) {
    if (!Number.isFinite(value) || value <= 0) throw impossible(tool, `the size ${value}`);
  }
  if (diskGb > DISK_GB.most) throw impossible(tool, `${diskGb} GiB of disk (${DISK_GB.most})`);
  for (const size of SIZES) {
    const fitting = size.memoryMb.find((each) => each >= memoryMb);
    if (size.cpu < cpu || fitting === undefined) continue;
    return {
      cpu: size.cpu,
      memoryMb: fitting,
      diskGb: Math.max(DISK_GB.least, Math.ceil(diskGb)),
    };
  }
  throw impossible(tool, `${cpu} CPU units with ${memoryMb} MiB (16384 with 122880)`);
}

function impossible(tool: string, what: string): Error {
  return new Error(
    `${tool} asks for ${what}, which Fargate does not have; the most is in brackets.`,
  );
}

function steps(fromGb: number, toGb: number, stepGb: number): readonly number[] {
  const count = Math.floor((toGb - fromGb) / stepGb) + 1;
  return Array.from({ length: count }, (_, index) => (fromGb + index * stepGb) * GIB);
}
