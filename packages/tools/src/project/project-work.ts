import { MIB, RefusedError, type ToolContext } from "@zenode/core";

/** What work on every file of a project takes in a Lambda of 1,024 MB, which has 0.58 of a core. Milliseconds. */
export interface ProjectPace {
  readonly msPerFile: number;
  readonly msPerMib: number;
}

/**
 * For `weigh`: how long a tool takes that works on all files of a project, by the size of its newest snapshot.
 * Milliseconds; 0 for a project that can't be opened, which is told where that costs least.
 */
export function projectWork({ msPerFile, msPerMib }: ProjectPace) {
  return async (
    { project }: { readonly project?: string | undefined },
    context: ToolContext,
  ): Promise<number> => {
    try {
      const { chooseProject } = await import("./choose-project.ts");
      const { files, bytes } = await chooseProject(context, project);
      return files * msPerFile + (bytes / MIB) * msPerMib;
    } catch (error) {
      if (error instanceof RefusedError) return 0;
      throw error;
    }
  };
}
