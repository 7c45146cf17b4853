import type { Client } from '@temporalio/client';
import type { Store } from '../../../store/store.ts';
import type { Services } from '../services.ts';

/** What drift behind a gateway is put together from. */
export interface DriftParts {
  temporal: Client;
  store: () => Promise<Pick<Store, 'audit' | 'catalogue' | 'drift'>>;
  services: Pick<Services, 'status' | 'all'>;
}
