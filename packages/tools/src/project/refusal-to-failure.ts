import { failure, type RefusalCode, RefusedError, type ToolRun } from "@zenode/core";

/** Refusals that the model can mend by other arguments; the rest are the platform's failures. */
const MENDABLE: readonly RefusalCode[] = [
  "invalid_path",
  "not_found",
  "not_a_file",
  "not_a_directory",
  "too_large",
  "invalid_input",
  "conflict",
];

/** Makes a run answer mendable refusals as results; everything else it throws goes on. */
export function refusalToFailure<Input>(run: ToolRun<Input>): ToolRun<Input> {
  return async (input, context) => {
    try {
      return await run(input, context);
    } catch (error) {
      if (error instanceof RefusedError && MENDABLE.includes(error.code)) {
        return failure(error.message);
      }
      throw error;
    }
  };
}
