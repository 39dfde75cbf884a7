import { bucket as shape } from "./shape.ts";
import { isProduction } from "./stage.ts";

export type Storage = ReturnType<typeof createStorage>;

/** Workspaces and large results. SST blocks public access and refuses plain HTTP. */
export function createStorage() {
  const bucket = new sst.aws.Bucket("Bucket", {
    cors: {
      allowOrigins: [...shape.cors.origins],
      allowMethods: [...shape.cors.methods],
      allowHeaders: [...shape.cors.headers],
      exposeHeaders: [...shape.cors.exposed],
      maxAge: `${shape.cors.maxAgeSeconds} seconds`,
    },
    lifecycle: shape.expire.map(({ prefix, days }) => ({
      prefix,
      expiresIn: `${days} days` as const,
    })),
    transform: {
      bucket: { forceDestroy: !isProduction() },
      lifecycle: (args) => {
        // Parts of an upload that never ended are invisible, and billed.
        args.rules = $output(args.rules ?? []).apply((rules) => [
          ...rules,
          {
            id: "AbandonedUploads",
            status: "Enabled",
            filter: { prefix: "" },
            abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
          },
        ]);
      },
    },
  });
  return { bucket };
}
