/** Of a request of ours the largest field is a sealed account, some KB. */
const MAX_BYTES = 32 * 1024;

/** The fields of a form; a text says why there are none. */
export async function readForm(request: Request): Promise<URLSearchParams | string> {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded") {
    return "The body must be application/x-www-form-urlencoded.";
  }
  const body = await request.arrayBuffer();
  if (body.byteLength > MAX_BYTES) return "The body is too large.";
  const form = new URLSearchParams(new TextDecoder().decode(body));
  const names = [...form.keys()];
  // RFC 6749 section 3.2.
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  return twice === undefined ? form : `The body names ${twice} more than once.`;
}
