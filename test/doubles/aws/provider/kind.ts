import type { JsonObject } from '../../../../src/domain/json.ts';
import type { AwsClients } from './clients.ts';

/** What a kind is given to work with: clients, and the tags that the provider adds to everything. */
export interface KindContext {
  clients: AwsClients;
  /** The resource's own tags and the provider's. */
  allTags: (inputs: JsonObject) => Record<string, string>;
}

/** What is really there, in the words of `@pulumi/aws`. */
export interface FoundResource {
  id: string;
  /** Absent where the kind has none; all that are on it, the provider's among them. */
  tags?: Record<string, string> | undefined;
  state: object;
}

/**
 * One type of the plugin as this double knows it. Like the plugin, it adopts nothing: where AWS would let a second one of
 * a name come about, or take one for the other, the plugin's own refusal is copied.
 */
export interface ResourceKind {
  type: string;
  /** Arguments that cannot be changed: another value is another resource. */
  fixed: readonly string[];
  /** Arguments that AWS fills in where they are left out: that one is left out changes nothing. */
  filledIn?: readonly string[];
  /** Outputs that are not known before it is made. */
  computed: readonly string[];
  /** Outputs that are another after each change, and not known before it. */
  renewed?: readonly string[];
  /** Further rules on arguments, as the plugin checks them before anything is made. */
  faults?(inputs: JsonObject): { property: string; reason: string }[];
  create(inputs: JsonObject, context: KindContext): Promise<string>;
  /** @param id the resource's, or the one it is imported by. Undefined when it is gone */
  read(id: string, context: KindContext, inputs: JsonObject): Promise<FoundResource | undefined>;
  /** Without it, any change of an argument that is not fixed is taken as it is. */
  update?(id: string, news: JsonObject, context: KindContext): Promise<void>;
  /** Succeeds when it is gone already. */
  delete(id: string, inputs: JsonObject, context: KindContext): Promise<void>;
}

/** What a test may do while a resource is being made. */
export interface ProviderHooks {
  /** After AWS has it, and before the engine knows. Whoever never returns has the engine wait. */
  made?(type: string, name: string): Promise<void>;
}

/** Does it, or returns undefined where AWS says that there is none: one of these error names. */
export async function unlessGone<T>(doing: Promise<T>, ...names: string[]): Promise<T | undefined> {
  try {
    return await doing;
  } catch (error) {
    if (names.includes((error as Error).name)) return undefined;
    throw error;
  }
}

/** Asks until it is so. AWS takes a while to delete; the plugin waits for it. */
export async function waitFor(isSo: () => Promise<boolean>, what: string, attempts = 200): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`timeout while waiting for ${what}`);
}

/** AWS's list of pairs, from a mapping. */
export function toTagList(tags: Record<string, string>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** A mapping, from AWS's list of pairs. */
export function fromTagList(
  tags: readonly { Key?: string | undefined; Value?: string | undefined }[] = [],
): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
}
