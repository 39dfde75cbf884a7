import { emptyReply, type Reply, xmlReply } from "../reply.ts";
import { S3Error } from "../s3-error.ts";
import { element, xmlDocument } from "../xml.ts";
import type { Call } from "./call.ts";

/** "Bucket naming rules", S3 user guide: 3 to 63 of a-z, 0-9, dot and hyphen, letters or digits at the ends. */
const BUCKET_NAME = /^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

export function listBuckets({ store }: Call): Reply {
  const buckets = store.buckets
    .list()
    .map(({ name, created }) =>
      element("Bucket", [
        element("Name", name),
        element("CreationDate", new Date(created).toISOString()),
      ]),
    );
  return xmlReply(
    xmlDocument("ListAllMyBucketsResult", [
      element("Owner", [element("ID", "local")]),
      element("Buckets", buckets),
    ]),
  );
}

export function createBucket({ request, store }: Call): Reply {
  const name = request.bucket;
  if (!BUCKET_NAME.test(name)) throw new S3Error("InvalidBucketName");
  if (store.buckets.get(name) !== undefined) throw new S3Error("BucketAlreadyOwnedByYou");
  store.buckets.put({ name, created: store.now() });
  return emptyReply(200, { location: `/${name}` });
}

export function headBucket(): Reply {
  return emptyReply(200);
}

export function deleteBucket({ request, store }: Call): Reply {
  if (!store.deleteBucket(request.bucket)) throw new S3Error("BucketNotEmpty");
  return emptyReply(204);
}

/** Empty stands for us-east-1, where buckets without a constraint are. */
export function getBucketLocation(): Reply {
  return xmlReply(xmlDocument("LocationConstraint", []));
}

/** Empty: versioning was never enabled. */
export function getBucketVersioning(): Reply {
  return xmlReply(xmlDocument("VersioningConfiguration", []));
}
