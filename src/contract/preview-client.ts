import type { PreviewKey } from '../domain/preview/name.ts';
import type { PreviewRequest } from '../domain/preview/preview.ts';
import type { PreviewView } from '../domain/preview/view.ts';
import type { RequestMeta } from '../domain/service/requests.ts';
import type { ServiceKey } from '../domain/service/service.ts';

/** What opening a preview is answered. */
export interface PreviewAnswer {
  /** What happens now, in words. */
  effect: string;
  /** What is up, or on its way, is what was asked for. */
  unchanged: boolean;
  /** The run that makes its stack; absent of a dry run. */
  run?: number;
  port: number;
}

/** Everything that can be done with previews. Every method fails with `ApiError` and nothing else. */
export interface PreviewClient {
  /** Opens it, or renews it: may be asked for with each push. */
  open(request: PreviewRequest, change: RequestMeta): Promise<PreviewAnswer>;
  /** Takes it away. */
  close(key: PreviewKey, change: RequestMeta): Promise<{ effect: string; unchanged: boolean }>;
  view(key: PreviewKey): Promise<PreviewView>;
  /** Those of one service, or of all; by the names of their experiments. */
  list(service?: ServiceKey): Promise<PreviewView[]>;
}
