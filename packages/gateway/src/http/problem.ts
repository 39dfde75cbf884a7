/** An error of the plain HTTP surface: `{"error": code, "message": what to do}`; never a stack. */
export function problem(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): Response {
  return Response.json(
    { error: code, message },
    { status, headers: { "cache-control": "no-store", ...headers } },
  );
}
