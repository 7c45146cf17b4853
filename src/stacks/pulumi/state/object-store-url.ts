/** What the engine calls the object stores of clouds. */
const SCHEMES = ['s3', 'gs', 'azblob'];

/** Whether a text is to be the URL of a bucket. */
export function isObjectStoreUrl(text: string): boolean {
  return SCHEMES.some((scheme) => text.toLowerCase().startsWith(`${scheme}:`));
}

/**
 * The URL of a bucket, which holds no secret: credentials are found as each cloud's own tools find them.
 *
 * @throws Error fit to show when it names no bucket, or has a name or a password where none belongs
 */
export function readObjectStoreUrl(text: string): URL {
  const [, scheme = ''] = /^([a-z0-9]+):/i.exec(text) ?? [];
  const url = URL.parse(text);
  if (!url || url.hostname === '' || url.port !== '') {
    throw new Error(
      `the ${scheme}:// URL of the state names no bucket; write ${scheme}://BUCKET or ${scheme}://BUCKET/PREFIX`,
    );
  }
  if (url.username === '' && url.password === '') return url;
  throw new Error(
    `the ${scheme}:// URL of the state holds a name or a password; leave them out: credentials are found as the cloud's own ` +
      'tools find them, in its environment variables, files and roles',
  );
}

/** As people may see it: parameters say how the bucket is reached, not which it is. */
export function describeObjectStore(text: string): string {
  const { protocol, host, pathname } = readObjectStoreUrl(text);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}
