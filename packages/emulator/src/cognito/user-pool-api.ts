import type { PoolRequest } from "./pool-request.ts";
import type { Reply } from "./reply.ts";
import { newSecretToken } from "./secret-token.ts";
import { attributesOf, type User } from "./user-directory.ts";
import type { UserPool } from "./user-pool.ts";

const PREFIX = "AWSCognitoIdentityProviderService.";

type Input = Readonly<Record<string, unknown>>;
type Operation = (pool: UserPool, input: Input) => unknown;

/** A refusal in the AWS JSON 1.1 form: 400 with `__type`. */
class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  DescribeUserPool: ({ template }) => ({ UserPool: { Id: template.id, Name: template.id } }),
  ListUsers: ({ users }) => ({
    Users: users.list().map((user) => ({ Attributes: attributeList(user), ...summary(user) })),
  }),
  AdminGetUser: (pool, input) => {
    const user = existing(pool, input);
    return { UserAttributes: attributeList(user), ...summary(user) };
  },
  AdminCreateUser: createUser,
  AdminSetUserPassword: async (pool, input) => {
    const { username } = existing(pool, input);
    await pool.users.setPassword(username, text(input, "Password"), input.Permanent === true);
    return {};
  },
  AdminAddUserToGroup: (pool, input) => {
    pool.users.addToGroup(existing(pool, input), text(input, "GroupName"));
    return {};
  },
};

/** The AWS API's operation a request names, for faults; undefined for other requests. */
export function apiOperation({ method, url, headers }: PoolRequest): string | undefined {
  const target = headers["x-amz-target"];
  if (method !== "POST" || url.pathname !== "/" || typeof target !== "string") return undefined;
  return target.startsWith(PREFIX) ? target.slice(PREFIX.length) : undefined;
}

/** `POST /` of the AWS SDK; signatures are not checked. */
export async function userPoolApi(pool: UserPool, operation: string, body: string): Promise<Reply> {
  const run = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
  if (run === undefined) return apiError("UnknownOperationException", operation);
  try {
    const input = readInput(body);
    if (input.UserPoolId !== pool.template.id) {
      throw new ApiError(
        "ResourceNotFoundException",
        `User pool ${String(input.UserPoolId)} does not exist.`,
      );
    }
    return amzJson(200, await run(pool, input));
  } catch (cause) {
    if (cause instanceof ApiError) return apiError(cause.code, cause.message);
    throw cause;
  }
}

export function apiError(type: string, message: string, status = 400): Reply {
  return amzJson(status, { __type: type, message });
}

async function createUser(pool: UserPool, input: Input): Promise<unknown> {
  const username = text(input, "Username");
  const given = readAttributes(input.UserAttributes);
  const { email = "", ...attributes } = given;
  const { TemporaryPassword: chosen } = input;
  const password = typeof chosen === "string" ? chosen : newSecretToken();
  if (!(await pool.users.create({ username, password, email, attributes }))) {
    throw new ApiError("UsernameExistsException", "User account already exists");
  }
  const user = existing(pool, input);
  return { User: { Attributes: attributeList(user), ...summary(user) } };
}

function existing(pool: UserPool, input: Input): User {
  const user = pool.users.find(text(input, "Username"));
  if (user === undefined) throw new ApiError("UserNotFoundException", "User does not exist.");
  return user;
}

function summary(user: User): Input {
  return {
    Enabled: true,
    UserCreateDate: user.createdMs / 1_000,
    UserLastModifiedDate: user.modifiedMs / 1_000,
    UserStatus: user.status,
    Username: user.username,
  };
}

function attributeList(user: User): readonly { Name: string; Value: string }[] {
  return Object.entries(attributesOf(user)).map(([Name, Value]) => ({ Name, Value }));
}

function readInput(body: string): Input {
  try {
    const input: unknown = JSON.parse(body);
    if (typeof input === "object" && input !== null) return input as Input;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  throw new ApiError("SerializationException", "The body is not a JSON object.");
}

function text(input: Input, name: string): string {
  const value = input[name];
  if (typeof value === "string" && value !== "") return value;
  throw new ApiError("InvalidParameterException", `Missing required parameter ${name}`);
}

function readAttributes(list: unknown): Record<string, string> {
  const attributes = Array.isArray(list) ? (list as Input[]) : [];
  return Object.fromEntries(attributes.map(({ Name, Value }) => [String(Name), String(Value)]));
}

function amzJson(status: number, value: unknown): Reply {
  return {
    status,
    headers: { "content-type": "application/x-amz-json-1.1" },
    body: JSON.stringify(value),
  };
}
