import type { ChangeStop } from '../domain/gates/stop.ts';
import type { RequestMeta } from '../domain/service/requests.ts';

/** What can be asked about stops of changes. Every method fails with `ApiError` and nothing else. */
export interface ChangeStopClient {
  /** Those that are set; that of all environments first. */
  list(): Promise<ChangeStop[]>;
  /**
   * Stops changes, in one environment or in all of them, by the reason of `change`. Returns what that does now, in words.
   *
   * @param stop `until` is ISO 8601; without it somebody has to lift the stop
   */
  set(stop: Pick<ChangeStop, 'environment' | 'until'>, change: RequestMeta): Promise<string>;
  /** NOT_FOUND where none is set there. */
  lift(scope: Pick<ChangeStop, 'environment'>, change: RequestMeta): Promise<string>;
}
