import type { Api } from "./api.ts";
import { trustIn } from "./permissions.ts";
import { physicalName } from "./stage.ts";

export type Front = ReturnType<typeof createFront>;

/** AWS's managed policies, the same ids in every account (CloudFront guide, "managed policies"). */
const CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
/** All headers but Host; a policy that lists headers cannot name Authorization. */
const ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac";
/** Statuses that CloudFront otherwise keeps for ten seconds, whoever asks. */
const ERRORS = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

/**
 * CloudFront before the API: hides the stage in the path, so that the well-known documents lie at
 * the origin's root, gives challenges their name back, and keeps nothing.
 */
export function createFront({ restApi }: Api) {
  const { region } = aws.getRegionOutput();
  const origin = {
    originId: "api",
    domainName: $interpolate`${restApi.id}.execute-api.${region}.amazonaws.com`,
    originPath: `/${$app.stage}`,
    customOriginConfig: {
      httpPort: 80,
      httpsPort: 443,
      originProtocolPolicy: "https-only",
      originSslProtocols: ["TLSv1.2"],
      // Between two packets, not in all: streams send comments far more often.
      originReadTimeout: 60,
      originKeepaliveTimeout: 60,
    },
  };
  const distribution = new aws.cloudfront.Distribution("Front", {
    comment: physicalName("front"),
    enabled: true,
    httpVersion: "http2and3",
    isIpv6Enabled: true,
    origins: [origin],
    defaultCacheBehavior: {
      targetOriginId: origin.originId,
      // Not a redirect: a token must never have travelled in the clear.
      viewerProtocolPolicy: "https-only",
      allowedMethods: ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"],
      cachedMethods: ["GET", "HEAD"],
      compress: false,
      cachePolicyId: CACHING_DISABLED,
      originRequestPolicyId: ALL_VIEWER_EXCEPT_HOST,
      lambdaFunctionAssociations: [
        { eventType: "origin-response", lambdaArn: createHeaderRestorer().qualifiedArn },
      ],
    },
    customErrorResponses: ERRORS.map((errorCode) => ({ errorCode, errorCachingMinTtl: 0 })),
    restrictions: { geoRestriction: { restrictionType: "none" } },
    viewerCertificate: { cloudfrontDefaultCertificate: true },
    waitForDeployment: false,
  });
  return { publicUrl: $interpolate`https://${distribution.domainName}` };
}

/**
 * Lambda@Edge, for CloudFront's own functions do not run when the origin answers 400 or more, and a
 * challenge is a 401 or 403 (CloudFront guide, "restrictions on all edge functions"). It may do
 * nothing, not even log; it lives in us-east-1, on x86, without environment, as the edge demands.
 */
function createHeaderRestorer() {
  const role = new aws.iam.Role("RestoreHeadersRole", {
    assumeRolePolicy: trustIn("lambda.amazonaws.com", "edgelambda.amazonaws.com"),
  });
  return new aws.lambda.Function(
    "RestoreHeaders",
    {
      region: "us-east-1",
      runtime: "nodejs22.x",
      handler: "restore-headers.handler",
      code: new $util.asset.AssetArchive({
        "restore-headers.mjs": $asset("stacks/functions/restore-headers.mjs"),
      }),
      memorySize: 128,
      timeout: 3,
      role: role.arn,
      publish: true,
    },
    // Its copies at the edge outlive the distribution for hours, and refuse the removal till then.
    { retainOnDelete: true },
  );
}
