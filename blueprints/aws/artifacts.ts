/** A container image that means the same for ever: `REPOSITORY@sha256:…`, a tag before it or not. */
const IMAGE = /^[\w./:-]+@sha256:[0-9a-f]{64}$/;
/** `s3://BUCKET/KEY#VERSION` */
const OBJECT = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/([^#]+)#(\S+)$/;

export const IMAGE_WANTED = 'a container image by its digest, such as registry.example/web@sha256:…';

export function isImage(artifact: string): boolean {
  return IMAGE.test(artifact);
}

export interface StoredObject {
  bucket: string;
  key: string;
  version: string;
}

/** Undefined for what is no version of an object in S3. */
export function parseStoredObject(artifact: string): StoredObject | undefined {
  const [, bucket, key, version] = OBJECT.exec(artifact) ?? [];
  return bucket === undefined || key === undefined || version === undefined ? undefined : { bucket, key, version };
}
