import type { OutputOf } from "@zenode/core";
import * as z from "zod";

/** What `git check-ref-format` takes of one name, and no option. */
const REF = /^(?![-+^/.])(?!.*(?:\.\.|@\{|\/\/|\/\.|\.lock(?:\/|$)))[^\s~^:?*[\\]{1,250}(?<![/.])$/;

/** Refused here, before the call is stored: what stands in a URL beside the address may be a secret. */
function isPlainUrl(text: string): boolean {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) return false;
  return url.username === "" && url.password === "" && url.search === "" && url.hash === "";
}

export const input = z.object({
  project: z
    .string()
    .max(64)
    .describe("Name of the project to make: 1 to 64 of a-z, 0-9, dot, underscore, hyphen."),
  repository: z
    .string()
    .max(2048)
    .refine(isPlainUrl, "An https address without user name, password, query or fragment.")
    .optional()
    .describe("https address of a public git repository, as git clone takes it."),
  upload: z
    .string()
    .max(64)
    .optional()
    .describe("Instead of repository: handle of an uploaded zip, tar, tar.gz or git bundle."),
  ref: z
    .string()
    // No pattern in the schema: some clients' expressions know no lookarounds.
    .refine((text) => REF.test(text), "A branch, a tag, or a commit's full id.")
    .optional()
    .describe("Of git: branch, tag, or a commit's full id. Left out: the default branch."),
  folder: z
    .string()
    .max(4096)
    .optional()
    .describe("Only this directory of what is imported; it becomes the project's root."),
  if_exists: z
    .enum(["refuse", "replace", "merge"])
    .default("refuse")
    .describe(
      "If there is such a project already. replace: it becomes what is imported, other files go. merge: imported files are written, others stay.",
    ),
});

export type ImportInput = OutputOf<typeof input>;
