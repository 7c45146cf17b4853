import type { ServiceSpec } from './service.ts';

/** How a service is described, as it was written last. */
export interface ServiceDescription {
  spec: ServiceSpec;
  /** When the service was removed, ISO 8601. */
  removedAt?: string;
  /** Of the write. */
  order: number;
}

/** A description that another one has taken the place of; empty but for that where there was none. */
export interface FormerDescription extends Partial<ServiceDescription> {
  /** The digest of the other one. */
  next: string;
}
