import { table as shape } from "./shape.ts";
import { isProduction } from "./stage.ts";

export type Data = ReturnType<typeof createData>;

/** One table, no index. Point-in-time recovery is on in every stage (SST's default). */
export function createData() {
  const table = new sst.aws.Dynamo("Table", {
    fields: { [shape.hashKey]: "string", [shape.rangeKey]: "string" },
    primaryIndex: { hashKey: shape.hashKey, rangeKey: shape.rangeKey },
    ttl: shape.ttlAttribute,
    deletionProtection: isProduction(),
  });
  return { table };
}
