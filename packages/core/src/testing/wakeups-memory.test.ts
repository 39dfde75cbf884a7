import { wakeupsContract } from "./contracts/wakeups.contract.ts";
import { MemoryWakeups } from "./wakeups-memory.ts";

wakeupsContract("MemoryWakeups", async () => {
  const wakeups = new MemoryWakeups();
  let waiting: ReturnType<MemoryWakeups["take"]> = [];
  return {
    wakeups,
    async receiveAfter(seconds) {
      const all = [...waiting, ...wakeups.take()];
      const isDue = ({ afterSeconds }: (typeof all)[number]) => afterSeconds <= seconds;
      waiting = all
        .filter((each) => !isDue(each))
        .map((each) => ({ ...each, afterSeconds: each.afterSeconds - seconds }));
      return all.filter(isDue).map(({ wakeup }) => wakeup);
    },
  };
});
