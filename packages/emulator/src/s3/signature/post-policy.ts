import { hmac, sameSignature, signingKey } from "../../signature/sigv4.ts";
import { S3Error } from "../s3-error.ts";
import { type Credentials, parseCredential, secretOf } from "./request-signature.ts";

/** Bytes of file a browser upload may have. */
export interface LengthRange {
  readonly minimum: number;
  readonly maximum: number;
}

export interface PostForm {
  readonly bucket: string;
  /** Form fields before the file, names in lower case. */
  readonly fields: ReadonlyMap<string, string>;
}

/** Fields the policy need not name ("Creating a POST Policy": all but these and `x-ignore-*`). */
const FREE_FIELDS = new Set(["x-amz-signature", "policy", "file", "awsaccesskeyid"]);

/**
 * Checks the policy of a browser upload: its signature, its expiration and each of its conditions.
 * @returns the size the file may have
 * @throws S3Error AccessDenied, InvalidAccessKeyId, SignatureDoesNotMatch, InvalidArgument
 */
export function checkPostPolicy(
  form: PostForm,
  credentials: Credentials,
  nowMs: number,
): LengthRange {
  const { fields } = form;
  const policy = fields.get("policy");
  const scope = parseCredential(fields.get("x-amz-credential") ?? "");
  if (policy === undefined || scope === undefined) throw new S3Error("AccessDenied");
  const key = signingKey(secretOf(credentials, scope.accessKeyId), scope);
  const signature = fields.get("x-amz-signature") ?? "";
  if (!sameSignature(hmac(key, policy).toString("hex"), signature)) {
    throw new S3Error("SignatureDoesNotMatch");
  }
  const { expiration, conditions } = parsePolicy(policy);
  if (!(Date.parse(expiration) > nowMs)) {
    throw new S3Error("AccessDenied", "Invalid according to Policy: Policy expired.");
  }
  return checkConditions(form, conditions);
}

interface Policy {
  readonly expiration: string;
  readonly conditions: readonly unknown[];
}

function parsePolicy(text: string): Policy {
  let policy: unknown;
  try {
    policy = JSON.parse(Buffer.from(text, "base64").toString());
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new S3Error("InvalidArgument", "Invalid Policy: Invalid JSON.");
  }
  const { expiration, conditions } = Object(policy) as Partial<Record<keyof Policy, unknown>>;
  if (typeof expiration !== "string" || !Array.isArray(conditions)) {
    throw new S3Error("InvalidArgument", "Invalid Policy: expiration and conditions are needed.");
  }
  return { expiration, conditions };
}

interface FieldCondition {
  readonly operator: "eq" | "starts-with";
  readonly field: string;
  readonly value: string;
}

type Condition =
  | FieldCondition
  | { readonly operator: "content-length-range"; readonly range: LengthRange };

function checkConditions(form: PostForm, stated: readonly unknown[]): LengthRange {
  let range: LengthRange = { minimum: 0, maximum: 5 * 1024 ** 3 };
  const named = new Set<string>();
  for (const condition of stated.flatMap(parseCondition)) {
    if (condition.operator === "content-length-range") {
      range = condition.range;
    } else {
      named.add(condition.field);
      checkField(form, condition);
    }
  }
  const extra = [...form.fields.keys()].find(
    (field) => !FREE_FIELDS.has(field) && !field.startsWith("x-ignore-") && !named.has(field),
  );
  if (extra !== undefined) refuse(`Extra input fields: ${extra}`);
  return range;
}

function checkField(form: PostForm, condition: FieldCondition): void {
  const { operator, field, value } = condition;
  const given = field === "bucket" ? form.bucket : (form.fields.get(field) ?? "");
  const holds = operator === "eq" ? given === value : given.startsWith(value);
  if (!holds) refuse(`["${operator}", "$${field}", "${value}"]`);
}

/** `["eq", "$field", value]` and its like, or `{field: value, …}`, which means eq. */
function parseCondition(condition: unknown): Condition[] {
  if (!Array.isArray(condition)) {
    return Object.entries(Object(condition) as object).map(([field, value]) => {
      return { operator: "eq", field: field.toLowerCase(), value: String(value) };
    });
  }
  const [operator, left, right] = condition as unknown[];
  if (operator === "content-length-range") {
    return [{ operator, range: { minimum: Number(left), maximum: Number(right) } }];
  }
  if (operator !== "eq" && operator !== "starts-with") {
    throw new S3Error("InvalidArgument", "Invalid Policy: Invalid Condition.");
  }
  return [{ operator, field: String(left).replace(/^\$/, "").toLowerCase(), value: String(right) }];
}

function refuse(condition: string): never {
  throw new S3Error(
    "AccessDenied",
    `Invalid according to Policy: Policy Condition failed: ${condition}`,
  );
}
