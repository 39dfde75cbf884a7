import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { ECSClient } from "@aws-sdk/client-ecs";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { type Meter, SECOND } from "@zenode/core";
import type { AwsService, AwsSettings } from "./settings.ts";

/** Attempts of one request, the first included; the SDK waits between them and never resends what was answered. */
const MAX_ATTEMPTS = 4;

interface Timeouts {
  /** Until an attempt's answer begins. */
  readonly answer: number;
  /** Silence on its connection; by itself the SDK waits for the rest of S3's answers for ever. */
  readonly idle: number;
}

/** DynamoDB answers within milliseconds or is in trouble; S3 is silent while it copies. */
const TIMEOUTS: Readonly<Record<AwsService, Timeouts>> = {
  dynamodb: { answer: 3 * SECOND, idle: 3 * SECOND },
  s3: { answer: 60 * SECOND, idle: 20 * SECOND },
  ecs: { answer: 10 * SECOND, idle: 10 * SECOND },
  sqs: { answer: 5 * SECOND, idle: 5 * SECOND },
};

/**
 * The process's SDK clients: made when first used, connections kept alive. DynamoDB's code is
 * loaded with this module, because nearly every call needs it and Lambda's init phase is the
 * cheapest place for it; that of the others when first asked for.
 */
export interface AwsClients {
  readonly meter: Meter;
  dynamodb(): DynamoDBClient;
  s3(): Promise<S3Client>;
  ecs(): Promise<ECSClient>;
  sqs(): Promise<SQSClient>;
  /** The same clients, counted by another meter: one per call. */
  metered(meter: Meter): AwsClients;
}

/** A meter that counts nothing. */
export const UNMETERED: Meter = { dynamodb: () => undefined, s3: () => undefined };

export function createAwsClients(settings: AwsSettings, meter: Meter = UNMETERED): AwsClients {
  const dynamodb = once(() => new DynamoDBClient(optionsOf(settings, "dynamodb")));
  const s3 = once(async () => {
    const { S3Client } = await import("@aws-sdk/client-s3");
    return new S3Client({
      ...optionsOf(settings, "s3"),
      forcePathStyle: settings.endpoints.s3 !== undefined,
      // A presigned PUT must not demand a checksum its user can't know; packs carry hashes of their own.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
    });
  });
  const ecs = once(async () => {
    const { ECSClient } = await import("@aws-sdk/client-ecs");
    return new ECSClient(optionsOf(settings, "ecs"));
  });
  const sqs = once(async () => {
    const { SQSClient } = await import("@aws-sdk/client-sqs");
    return new SQSClient(optionsOf(settings, "sqs"));
  });
  const metered = (by: Meter): AwsClients => ({ meter: by, dynamodb, s3, ecs, sqs, metered });
  return metered(meter);
}

/** Said outright, so that no profile file on the machine changes how the platform behaves. */
function optionsOf(settings: AwsSettings, service: AwsService) {
  const endpoint = settings.endpoints[service];
  return {
    region: settings.region,
    ...(endpoint && { endpoint }),
    ...(settings.credentials && { credentials: settings.credentials }),
    maxAttempts: settings.maxAttempts ?? MAX_ATTEMPTS,
    retryMode: "standard",
    defaultsMode: "standard",
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    requestHandler: {
      connectionTimeout: SECOND,
      requestTimeout: TIMEOUTS[service].answer,
      socketTimeout: settings.idleTimeoutMs ?? TIMEOUTS[service].idle,
      throwOnRequestTimeout: true,
      httpAgent: { keepAlive: true, maxSockets: 50 },
      httpsAgent: { keepAlive: true, maxSockets: 50 },
    },
  } as const;
}

/** Makes the value at the first call; a failed promise is forgotten, so that the next call tries again. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    if (made) return made.value;
    const value = make();
    made = { value };
    if (value instanceof Promise) {
      value.catch(() => {
        made = undefined;
      });
    }
    return value;
  };
}
