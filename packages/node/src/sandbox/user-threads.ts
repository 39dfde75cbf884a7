import { readdir, stat } from "node:fs/promises";

/** How many threads a user has, as the kernel counts them against its limit of processes. */
export async function countThreads(user: number): Promise<number> {
  let threads = 0;
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const facts = await stat(`/proc/${name}`).catch(() => undefined);
    if (facts?.uid !== user) continue;
    threads += (await readdir(`/proc/${name}/task`).catch(() => [])).length;
  }
  return threads;
}
