import proto from '@temporalio/proto';
import type { NativeConnection } from '@temporalio/worker';
import { SEARCH_ATTRIBUTES } from '../workflows/shared/search-attributes.ts';

const { IndexedValueType } = proto.temporal.api.enums.v1;
const TYPES = {
  KEYWORD: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  BOOL: IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
} as const;

const NAMES = { KEYWORD: 'Keyword', BOOL: 'Bool' } as const;

/** Arguments for `temporal server start-dev`. */
export function searchAttributeFlags(): string[] {
  return Object.values(SEARCH_ATTRIBUTES).flatMap(({ name, type }) => ['--search-attribute', `${name}=${NAMES[type]}`]);
}

/**
 * Registers what is missing. Without them every run would be stuck at its first step, so a worker does not start before.
 * @throws Error saying what to register by hand, where the server does not let us
 */
export async function ensureSearchAttributes(connection: NativeConnection, namespace: string): Promise<void> {
  const service = connection.operatorService;
  const existing = await service.listSearchAttributes({ namespace });
  const missing = Object.values(SEARCH_ATTRIBUTES).filter(({ name }) => !(name in existing.customAttributes));
  if (missing.length === 0) return;
  const searchAttributes = Object.fromEntries(missing.map(({ name, type }) => [name, TYPES[type]]));
  try {
    await service.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    const list = missing.map(({ name, type }) => `${name} (${NAMES[type]})`).join(', ');
    throw new Error(`search attributes are missing in namespace ${namespace}; register them: ${list}`, {
      cause: error,
    });
  }
}
