/**
 * CloudFront origin response: API Gateway renames the `WWW-Authenticate` of a Lambda's answer; this
 * gives it its name back. Lambda@Edge event: header names in lower case, each a list of
 * `{ key, value }`. A header that the gateway itself set stays as it is.
 *
 * @param {{ Records: [{ cf: { response: { headers: Record<string, { key?: string, value: string }[]> } } }] }} event
 */
export const handler = async (event) => {
  const { response } = event.Records[0].cf;
  const { "x-amzn-remapped-www-authenticate": renamed, ...headers } = response.headers;
  if (renamed === undefined) return response;
  const restored = renamed.map(({ value }) => ({ key: "WWW-Authenticate", value }));
  return { ...response, headers: { "www-authenticate": restored, ...headers } };
};
