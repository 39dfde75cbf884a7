import { type ProjectSummary, structured, type ToolRun } from "@zenode/core";

export const run: ToolRun<object> = async (_, { projects }) => {
  const all = await projects.list();
  const answer = {
    projects: all.map(({ name, snapshot, files, bytes, updatedAt }) => ({
      name,
      snapshot,
      files,
      bytes,
      updated_at: new Date(updatedAt).toISOString(),
    })),
  };
  const text =
    all.length === 0
      ? "There is no project yet. Push one with `zenode push`."
      : all.map(describeProject).join("\n");
  return structured(answer, text);
};

function describeProject({ name, snapshot, files, bytes, updatedAt }: ProjectSummary): string {
  const when = new Date(updatedAt).toISOString();
  return `${name}: ${files} files, ${bytes} bytes, snapshot ${snapshot} of ${when}`;
}
