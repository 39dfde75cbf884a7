import { RefusedError, type RepositorySource } from "@zenode/core";
import { type Git, GitFailure } from "./git-process.ts";
import { hostile, printable } from "./incoming-files.ts";
import type { CheckedAddress } from "./repository-address.ts";

const OBJECT_ID = /^[0-9a-f]{40}$/;

/** Fetches one commit from an address, without what came before it. Its id. @throws RefusedError; GitFailure. */
export async function fetchRepository(
  git: Git,
  { url, protocol, pinned }: CheckedAddress,
  ref: RepositorySource["ref"],
): Promise<string> {
  await initialise(git);
  const config = pinned === undefined ? [] : [["http.curloptResolve", pinned] as const];
  const options = ["--progress", "--no-tags", "--no-recurse-submodules", "--depth=1"];
  const args = ["fetch", ...options, "--", url, ref ?? "HEAD"];
  await git.run({ args, protocol, config }).catch((cause: unknown) => {
    throw toRefusal(cause, ref);
  });
  return fetchedCommit(git);
}

/** Takes a bundle's objects over. The id of the commit that is meant. @throws RefusedError; GitFailure. */
export async function fetchBundle(
  git: Git,
  file: string,
  ref: string | undefined,
): Promise<string> {
  await initialise(git);
  const listed = await git.run({ args: ["bundle", "list-heads", file] }).catch(notSound);
  const heads = listed.split("\n").map((line) => line.slice(line.indexOf(" ") + 1));
  const head = chooseHead(
    heads.filter((name) => name !== ""),
    ref,
  );
  const args = ["fetch", "--progress", "--no-tags", "--no-recurse-submodules", "--", file, head];
  await git.run({ args, protocol: "file" }).catch(notSound);
  // Objects of bundles are not checked while they are fetched, as those from an address are.
  await git.run({ args: ["fsck", "--no-dangling", "--no-progress"] }).catch(notSound);
  return fetchedCommit(git);
}

function chooseHead(heads: readonly string[], ref: string | undefined): string {
  const names = [ref, `refs/tags/${ref}`, `refs/heads/${ref}`];
  const wanted = ref === undefined ? ["HEAD"] : names;
  const found = heads.find((head) => wanted.includes(head));
  const [only, ...others] = heads;
  if (only === undefined) throw hostile("git takes it for no sound bundle: it has no refs");
  if (found !== undefined) return found;
  if (ref === undefined && others.length === 0) return only;
  const shown = heads.slice(0, 20).join(", ");
  throw new RefusedError(
    "invalid_input",
    ref === undefined
      ? `The bundle does not say which of its refs is meant: pass one of ${shown} as ref.`
      : `There is no ref ${ref} in the bundle. There are: ${shown}.`,
  );
}

async function initialise(git: Git): Promise<void> {
  await git.run({ args: ["init", "--quiet", "--bare", "--template="] });
}

async function fetchedCommit(git: Git): Promise<string> {
  const args = ["rev-parse", "--verify", "--quiet", "FETCH_HEAD^{commit}"];
  const id = (await git.run({ args }).catch(() => "")).trim();
  if (OBJECT_ID.test(id)) return id;
  throw new RefusedError(
    "invalid_input",
    "What was fetched is no commit. Pass a branch or a tag as ref.",
  );
}

function notSound(cause: unknown): never {
  if (!(cause instanceof GitFailure)) throw cause;
  const isPartial = /lacks these prerequisite commits/.test(cause.said);
  throw hostile(
    isPartial
      ? "the bundle needs commits that are not in it. Make it of a whole branch: git bundle create FILE main"
      : `git takes it for no sound bundle (${lastWords(cause)})`,
    cause,
  );
}

/** What git says, by what it means (git 2.39 to 2.51). */
const MEANINGS: readonly (readonly [said: RegExp, means: string])[] = [
  [
    /could not read Username|Authentication failed|error: 40[13]\b/,
    "It asks for a sign-in. Only public repositories can be imported by their address; others can be uploaded as a git bundle.",
  ],
  [/couldn't find remote ref|no such remote ref|not our ref/, "It has no such ref."],
  [
    /error: 30\d\b/,
    "It answers with a redirect, which is not followed: give the address that it leads to (often the same with .git at its end).",
  ],
  [/error: 404|not found/, "There is no git repository at this address, or it is not public."],
  [
    /dumb http transport/,
    "Its server speaks git's old protocol for files alone, which is not supported.",
  ],
  [
    /Could not resolve|Failed to connect|timed out|Operation too slow/,
    "Its server can't be reached now.",
  ],
];

/** Why git could not fetch. Anything but git's own refusal is thrown as it is. */
function toRefusal(cause: unknown, ref: string | undefined): Error {
  if (!(cause instanceof GitFailure)) return cause as Error;
  const meaning = MEANINGS.find(([said]) => said.test(cause.said))?.[1];
  const of = ref === undefined ? "" : ` (ref ${ref})`;
  const why = meaning ?? `git says: ${lastWords(cause)}`;
  return new RefusedError("invalid_input", `The repository${of} was not imported. ${why}`, {
    cause,
  });
}

function lastWords({ said }: GitFailure): string {
  const lines = said.split(/[\r\n]+/).filter((line) => /^(fatal|error): /.test(line));
  return printable(lines[0] ?? "nothing").slice(0, 300);
}
