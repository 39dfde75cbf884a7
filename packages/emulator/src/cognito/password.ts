import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const derive = promisify<string, Buffer, number, Buffer>(scrypt);
const KEY_BYTES = 32;
/** Stands in for the hash of a user that does not exist, so that both refusals take the same time. */
const NOBODY = `${"A".repeat(22)}.${"A".repeat(43)}`;

/** `<salt>.<scrypt key>`, both base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, KEY_BYTES);
  return `${salt.toString("base64url")}.${key.toString("base64url")}`;
}

/** Whether `password` is the one hashed; an absent hash matches nothing. */
export async function passwordMatches(
  password: string,
  hash: string | undefined,
): Promise<boolean> {
  const [salt = "", key = ""] = (hash ?? NOBODY).split(".");
  const derived = await derive(password, Buffer.from(salt, "base64url"), KEY_BYTES);
  return timingSafeEqual(derived, Buffer.from(key, "base64url")) && hash !== undefined;
}
