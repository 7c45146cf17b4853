import type { Command } from '../../domain/service/requests.ts';
import type { ServiceKey } from '../../domain/service/service.ts';

/**
 * What gateways were asked for, in whole and whatever its size. A service's workflow is sent the name alone, and carries out
 * only what is found here.
 */
export interface CommandLog {
  /** Once; saving the same name again changes nothing. */
  save(command: Command): Promise<void>;
  find(service: ServiceKey, id: string): Promise<Command | undefined>;
  /** Forgets what was asked for before that time, ISO 8601, of all services. */
  prune(before: string): Promise<void>;
}
