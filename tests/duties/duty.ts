/** `modern`: revision 2026-07-28. `legacy`: 2025-11-25, 2025-06-18, 2025-03-26. */
type Era = "modern" | "legacy";
type Level = "MUST" | "SHOULD" | "MAY";

/** Something the protocol asks of this server. A test cites it by its id in brackets in the test's name. */
export interface Duty {
  readonly id: string;
  readonly eras: readonly Era[];
  readonly level: Level;
  readonly text: string;
  /** The page, proposal or RFC it comes from; `docs/design/…` for what serving it without affinity asks. */
  readonly source: string;
  /** Present: work that has not begun, so nothing cites it yet. */
  readonly later?: string;
}

type Record = (name: string, text: string, source: string) => Duty;

/** Records of one section: their ids start with its name. */
export function section(
  name: string,
  eras: readonly Era[],
  later?: string,
): { readonly must: Record; readonly should: Record; readonly may: Record } {
  const record =
    (level: Level): Record =>
    (own, text, source) => ({
      id: `${name}-${own}`,
      eras,
      level,
      text,
      source,
      ...(later !== undefined && { later }),
    });
  return { must: record("MUST"), should: record("SHOULD"), may: record("MAY") };
}

const SITE = "https://modelcontextprotocol.io";

/** A page of revision 2026-07-28. */
export const modern = (page: string): string => `${SITE}/specification/2026-07-28/${page}`;
/** A page of revision 2025-11-25. */
export const legacy = (page: string): string => `${SITE}/specification/2025-11-25/${page}`;
export const sep = (number: number): string => `${SITE}/seps/${number}`;
export const rfc = (number: number, place: string): string =>
  `https://www.rfc-editor.org/rfc/rfc${number}#section-${place}`;
export const design = (page: string): string => `docs/design/${page}.md`;
