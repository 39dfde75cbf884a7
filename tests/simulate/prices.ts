import { dollarsPerGbSecond, PER_MILLION } from "../bench/price.ts";

/** US dollars, us-east-1, on demand, without taxes, savings plans or volume tiers. */
export interface Price {
  readonly service: string;
  readonly item: string;
  /** Of one unit. */
  readonly dollars: number;
  readonly unit: string;
  /** Units a month that are free for every account for good. */
  readonly free: number;
  readonly source: string;
}

const READ = "AWS price lists, read 2026-11-22";
const FREE = "aws.amazon.com/free, as public pages of 2026 repeat it; not read at AWS itself";
const million = (dollars: number) => dollars / 1e6;

const price = (
  service: string,
  item: string,
  [dollars, unit, free]: readonly [number, string, number?],
  source = READ,
): Price => ({ service, item, dollars, unit, free: free ?? 0, source });

export const PRICES = {
  apiRequests: price("API Gateway", "REST requests", [million(3.5), "request"]),
  frontRequests: price("CloudFront", "HTTPS requests", [million(1), "request", 1e7]),
  frontGb: price(
    "CloudFront",
    "data out",
    [0.09, "GB", 1000],
    `${READ} (S3's price; CloudFront's own is a little lower)`,
  ),
  edgeRequests: price(
    "Lambda@Edge",
    "requests",
    [million(0.6), "request"],
    "docs/design/stacks.md",
  ),
  lambdaRequests: price("Lambda", "requests", [million(PER_MILLION.mcpCalls), "request", 1e6]),
  lambdaGbSeconds: price("Lambda", "GB-seconds, arm64", [dollarsPerGbSecond, "GB-s", 400_000]),
  rru: price("DynamoDB", "read units", [million(PER_MILLION.rru), "RRU"]),
  wru: price("DynamoDB", "write units", [million(PER_MILLION.wru), "WRU"]),
  tableGb: price("DynamoDB", "storage", [0.25, "GB-month", 25]),
  backupGb: price("DynamoDB", "point-in-time recovery", [0.2, "GB-month"], "not verified"),
  s3Reads: price("S3", "GET", [million(PER_MILLION.s3Reads), "request"]),
  s3Writes: price("S3", "PUT, COPY, LIST", [million(PER_MILLION.s3Writes), "request"]),
  s3Gb: price("S3", "storage", [0.023, "GB-month"]),
  vcpuHours: price("Fargate", "vCPU, arm64, on demand", [0.03238, "vCPU-h"]),
  memoryGbHours: price("Fargate", "memory, arm64, on demand", [0.00356, "GB-h"]),
  spotVcpuHours: price(
    "Fargate",
    "vCPU, arm64, Spot",
    [0.03238 * 0.4, "vCPU-h"],
    `${READ}: about 0.4`,
  ),
  spotMemoryGbHours: price(
    "Fargate",
    "memory, arm64, Spot",
    [0.00356 * 0.4, "GB-h"],
    `${READ}: about 0.4`,
  ),
  diskGbHours: price(
    "Fargate",
    "disk over 20 GB",
    [0.000111, "GB-h"],
    "vantage.sh/blog/fargate-pricing",
  ),
  addressHours: price("VPC", "public IPv4", [0.005, "h"]),
  sqsRequests: price("SQS", "requests", [million(0.4), "request", 1e6], "not verified"),
  logGb: price("CloudWatch", "logs taken in", [0.5, "GB", 5]),
  users: price("Cognito", "active users, Essentials", [0.015, "user", 10_000]),
} as const satisfies Record<string, Price>;

export type Item = keyof typeof PRICES;

/** Where the column of free units comes from. */
export const FREE_TIER_SOURCE = FREE;

/** A month of the bill. */
export const DAYS_A_MONTH = 30;
