/** An HTTP request to the MCP endpoint, with places that its target fills in. */
export interface FuzzRequest {
  readonly method: "POST" | "GET" | "DELETE";
  readonly headers: Readonly<Record<string, string>>;
  /** `base64`: bytes that are no text. */
  readonly body?: string;
}

/** In headers and bodies: a session that is live, one of another user, a task and an event of ours. */
export const PLACES = {
  session: "{session}",
  foreignSession: "{foreign-session}",
  task: "{task}",
  event: "{event}",
} as const;

export type Places = Readonly<Record<keyof typeof PLACES, string>>;

export function fill(request: FuzzRequest, places: Places): FuzzRequest {
  const replace = (text: string) =>
    Object.entries(PLACES).reduce(
      (filled, [name, place]) => filled.replaceAll(place, places[name as keyof Places]),
      text,
    );
  return {
    method: request.method,
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, replace(value)]),
    ),
    ...(request.body !== undefined && { body: replace(request.body) }),
  };
}
