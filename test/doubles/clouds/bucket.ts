/** A bucket, beside whatever reads and writes it by the API of its cloud. */
export interface Bucket {
  /** As the engine is told of it. */
  url: string;
  /** What finds the account, for the environment of the engine. */
  env: Readonly<Record<string, string>>;
  /** Has the engine's object of that name be this. */
  put: (name: string, content: string) => Promise<void>;
  /** The same, read back; undefined where there is none. */
  get: (name: string) => Promise<string | undefined>;
}

/** Where the engine keeps what it is asked for in the folder `fleet` of a bucket. */
export function placeOf(name: string): string {
  return `fleet/.pulumi/${name}`;
}
