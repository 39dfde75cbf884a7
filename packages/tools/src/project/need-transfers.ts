import { RefusedError, type ToolContext, type Transfers } from "@zenode/core";

/** @throws RefusedError `invalid_input`: this server moves no files past itself. */
export function needTransfers({ transfers }: ToolContext): Transfers {
  if (transfers) return transfers;
  throw new RefusedError(
    "invalid_input",
    "This server serves your own folder, on your own machine: copy the files there yourself.",
  );
}
