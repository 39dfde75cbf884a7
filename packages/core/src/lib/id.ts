/** An id that carries its kind: `task_…`, `upload_…`. */
export type Id<Kind extends string> = `${Kind}_${string}`;

/** A new unguessable id (122 random bits, as UUIDv4 asks). */
export function newId<Kind extends string>(kind: Kind): Id<Kind> {
  return `${kind}_${crypto.randomUUID().replaceAll("-", "")}`;
}

/** Whether a text from outside has the form of such an id; nothing else about it is trusted. */
export function isId<Kind extends string>(kind: Kind, text: string): text is Id<Kind> {
  return (
    text.length === kind.length + 33 &&
    text.startsWith(`${kind}_`) &&
    /^[0-9a-f]{32}$/.test(text.slice(kind.length + 1))
  );
}
