import { HOUR, SECOND } from "@zenode/core";

/** Counts in windows of time. */
export interface RegistrationRate {
  /**
   * Counts one more of `who` in the window that ends at `endsAt` (milliseconds since the epoch), if there are fewer than
   * `most`. False: there are `most`, and nothing was counted. Of any number at once no more than `most` are counted; an
   * attempt whose answer was lost may count twice.
   */
  count(who: string, endsAt: number, most: number): Promise<boolean>;
}

/** Registrations in an hour. */
export interface RegistrationLimits {
  readonly perAddress: number;
  readonly inAll: number;
}

/** A person's clients register when they are set up; all the others together must not fill the table. */
export const REGISTRATION_LIMITS: RegistrationLimits = { perAddress: 20, inAll: 1_000 };

export interface RegistrationAttempt {
  /** Hashed: who asked is not kept. */
  readonly address: string;
  readonly now: number;
}

/**
 * Undefined: a registration may be made, and was counted; else seconds until another attempt makes sense. An address is
 * counted before all of them are, so that who has used up a limit of its own takes nothing from the others. Windows are the
 * hours of the epoch: at a boundary twice the limit may come within a moment.
 */
export async function admitRegistration(
  rate: RegistrationRate,
  { address, now }: RegistrationAttempt,
  { perAddress, inAll }: RegistrationLimits,
): Promise<number | undefined> {
  const endsAt = (Math.floor(now / HOUR) + 1) * HOUR;
  const admitted =
    (await rate.count(`address:${address}`, endsAt, perAddress)) &&
    (await rate.count("all", endsAt, inAll));
  return admitted ? undefined : Math.ceil((endsAt - now) / SECOND);
}
