/** A file or link on its way into an archive. */
export type ArchivedFile = {
  readonly path: string;
} & (
  | { readonly kind: "file"; readonly content: Uint8Array; readonly executable: boolean }
  | { readonly kind: "link"; readonly target: string }
);
