import {
  type ChangesOutcome,
  isOtherProject,
  KeptContents,
  type Leaf,
  type LocalLeaves,
  type PushProgress,
  planPush,
  pushChanges,
  type ReadContents,
  RefusedError,
  type RemoteSnapshot,
  readLeaves,
  type Skipped,
  toOffer,
  type Uploaded,
  UploadSeries,
} from "@zenode/core";
import { type FolderView, nodeCodec } from "@zenode/node";
import type { FolderSync, OnLook } from "./folder-sync.ts";

export interface PushFolderOrder {
  readonly message: string;
  /** Makes the project exactly what the folder is, whatever others changed. */
  readonly replace?: boolean;
  /** The folder as it was just looked at, by who has just asked for the head, too. */
  readonly view?: FolderView;
  /** What was read then. */
  readonly kept?: KeptContents;
  readonly onLook?: OnLook;
  readonly onProgress?: (progress: PushProgress) => void;
}

export type PushReport = ChangesOutcome & { readonly skipped: Skipped };

/** Makes what was changed here since folder and project last agreed to the project; a conflict is an answer, not an error. */
export async function pushFolder(sync: FolderSync, order: PushFolderOrder): Promise<PushReport> {
  const { replace = false, kept = new KeptContents() } = order;
  // A project that is new here, most likely to all: its answer comes while the folder is read.
  const isNew = sync.state.snapshot === 0 && !replace;
  const head = isNew ? sync.remote.open() : undefined;
  head?.catch(() => undefined);
  const begun = head && beginUpload(sync, head, order);
  try {
    return await lookAndPush(sync, { ...order, kept }, { head, begun });
  } finally {
    await begun?.then((series) => series?.settle()).catch(() => undefined);
  }
}

interface Begun {
  /** The newest snapshot, asked for already. */
  readonly head: Promise<RemoteSnapshot | undefined> | undefined;
  /** Of a project that is not there, to which all is new. */
  readonly begun: Promise<UploadSeries | undefined> | undefined;
}

/** Of a project that is new all is missing: it is packed while the folder is read. */
function beginUpload(
  { project, transport, memory }: FolderSync,
  head: Promise<RemoteSnapshot | undefined>,
  { onProgress }: PushFolderOrder,
): Promise<UploadSeries | undefined> {
  const order = {
    ...{ project, transport: transport.push, codec: nodeCodec, journal: memory.journal },
    lacks: async (blobs: readonly string[]) => blobs,
    // How many there will be is not known yet.
    onUpload: ({ blobs, bytes }: Uploaded) =>
      onProgress?.({ phase: "upload", files: blobs, totalFiles: 0, bytes }),
  };
  const begun = head.then((there) => (there ? undefined : UploadSeries.open(order)));
  // Told to who waits for it.
  begun.catch(() => undefined);
  return begun;
}

async function lookAndPush(
  sync: FolderSync,
  order: PushFolderOrder & { readonly kept: KeptContents },
  { head, begun }: Begun,
): Promise<PushReport> {
  const { replace = false, kept } = order;
  const read: ReadContents = {
    keep: async (blob, content) => {
      const series = await begun;
      if (series) await series.add(blob, content, "file");
      else kept.keep(blob, content);
    },
  };
  const view = order.view ?? (await checkAndLook(sync, order, read));
  const { base, local } = sync.sides(view);
  const outcome = await pushChanges({
    ...{ project: sync.project, message: order.message, local, codec: nodeCodec },
    base: replace ? await readHead(sync) : base,
    offer: (path, leaf) => toOffer(fileAt(view, path), leaf, nodeCodec, kept),
    remote: sync.remote,
    ...(head && { head }),
    ...(begun && { begun }),
    transport: sync.transport.push,
    journal: sync.memory.journal,
    ...(order.onProgress && { onProgress: order.onProgress }),
  });
  if (outcome.kind !== "conflict") await remember(sync, local, outcome);
  return { ...outcome, skipped: view.skipped };
}

/** What was agreed on says nothing of another project that has the name now. */
async function checkAndLook(
  sync: FolderSync,
  { replace, onLook }: PushFolderOrder,
  kept: ReadContents,
): Promise<FolderView> {
  const { snapshot } = sync.state;
  if (snapshot > 0) {
    const facts = await sync.remote.look({ known: snapshot });
    if (!facts || isOtherProject(facts, sync.state)) sync.forget();
  }
  const tracked = replace ? [] : sync.state.base.keys();
  return sync.look({ tracked, kept, ...(onLook && { onLook }) });
}

/** Whether a push would make anything of what is here. */
export function hasChanges(sync: FolderSync, view: FolderView): boolean {
  const { base, local } = sync.sides(view);
  return planPush({ base, local, remote: base }).edits.length > 0;
}

async function readHead(sync: FolderSync) {
  const head = await sync.remote.open();
  return head ? readLeaves(head) : new Map<string, Leaf>();
}

/** After a push, folder and project agree on all that is here; what others changed meanwhile is yet to be pulled. */
async function remember(
  sync: FolderSync,
  local: LocalLeaves,
  { snapshot, root, behind }: Exclude<ChangesOutcome, { readonly kind: "conflict" }>,
): Promise<void> {
  const { state } = sync;
  const base = new Map<string, Leaf>();
  for (const [path, leaf] of local) {
    const agreed = leaf === "foreign" ? state.base.get(path) : leaf;
    if (agreed) base.set(path, agreed);
  }
  const taken = behind === 0 ? { snapshot, root } : { snapshot: state.snapshot, root: state.root };
  await sync.remember({ ...taken, base, left: state.left });
}

function fileAt({ files }: FolderView, path: string) {
  const file = files.get(path);
  if (file?.kind === "file") return file;
  throw new RefusedError("conflict", `${path} changed while it was pushed. Push again.`);
}
