const GIB = 1024;

const range = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);

/** MiB of memory allowed for CPU units (ECS Developer Guide, "Fargate task definition differences"). */
const MEMORY_BY_CPU: ReadonlyMap<string, readonly number[]> = new Map([
  ["256", [512, 1 * GIB, 2 * GIB]],
  ["512", range(1 * GIB, 4 * GIB, GIB)],
  ["1024", range(2 * GIB, 8 * GIB, GIB)],
  ["2048", range(4 * GIB, 16 * GIB, GIB)],
  ["4096", range(8 * GIB, 30 * GIB, GIB)],
  ["8192", range(16 * GIB, 60 * GIB, 4 * GIB)],
  ["16384", range(32 * GIB, 120 * GIB, 8 * GIB)],
]);

/** Whether Fargate has a size of these CPU units and MiB. */
export function isFargateSize(cpu: string, memory: string): boolean {
  return MEMORY_BY_CPU.get(cpu)?.includes(Number(memory)) ?? false;
}
