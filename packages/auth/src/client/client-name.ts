const MAX_CHARACTERS = 100;
/** Control, direction and other characters without a look of their own: they hide, break or turn around what stands beside them. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

/** What a client calls itself, as it may be shown to people: at most 100 characters. Undefined: nothing is left to see. */
export function cleanClientName(text: string): string | undefined {
  const seen = text
    .replaceAll(/[\s\p{Z}]+/gu, " ")
    .replaceAll(UNSEEN, "")
    .trim();
  const cut = [...seen].slice(0, MAX_CHARACTERS).join("").trimEnd();
  return cut === "" ? undefined : cut;
}
