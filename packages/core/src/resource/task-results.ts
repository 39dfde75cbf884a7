import type { CallService } from "../burst/call-service.ts";
import type { StoredPart } from "../burst/job.ts";
import { findOwnJob } from "../burst/own-job.ts";
import { parseResultUri, RESULT_PREFIX, RESULT_TEMPLATE } from "../burst/result-uri.ts";
import { RefusedError } from "../lib/error.ts";
import type { ResourceContent, ResourceContext, ResourceSource } from "./resource-source.ts";

/**
 * The parts of results that were too large for their answers, readable by who made the call. They never
 * change, and are found by the links in those answers: no list names them.
 */
export function taskResults(calls: Pick<CallService, "job" | "readPart">): ResourceSource {
  return {
    prefix: RESULT_PREFIX,
    templates: [
      {
        uriTemplate: RESULT_TEMPLATE,
        name: "result",
        title: "Part of a result",
        description: "A part of a tool's result that was too large for its answer.",
      },
    ],
    list: async () => ({ resources: [] }),
    read: (context, uri) => readPart(calls, context, uri),
    position: async () => "",
    version: async () => "1",
    complete: async () => [],
  };
}

async function readPart(
  calls: Pick<CallService, "job" | "readPart">,
  { principal }: ResourceContext,
  uri: string,
): Promise<ResourceContent> {
  const address = parseResultUri(uri);
  const job = address && (await findOwnJob(calls, principal, address.id));
  const stored = job?.outcome?.kind === "result" ? job.outcome.stored : undefined;
  const part = address && stored?.[address.part];
  if (!address || !job || !part) {
    throw new RefusedError("not_found", "There is no such result; results are kept a day.");
  }
  return toContent(uri, part, await calls.readPart(job, address.part));
}

function toContent(uri: string, { kind, mimeType }: StoredPart, text: string): ResourceContent {
  return kind === "blob" ? { uri, mimeType, blob: text } : { uri, mimeType, text };
}
