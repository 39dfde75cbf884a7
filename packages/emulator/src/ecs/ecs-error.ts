/** An error of the ECS API; `code` is the `__type` on the wire. */
export class EcsError extends Error {
  override readonly name = "EcsError";
  readonly code: string;
  /** Further members of the error's shape. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, members: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.members = members;
  }

  /** 4xx for the caller's faults, 500 for the service's. */
  get status(): number {
    return this.code === "ServerException" ? 500 : 400;
  }
}

export const invalidParameter = (message: string) =>
  new EcsError("InvalidParameterException", message);

export const clientError = (message: string) => new EcsError("ClientException", message);
