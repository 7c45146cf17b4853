import type { PreviewAnswer, PreviewClient } from '../../src/contract/preview-client.ts';
import { ApiError } from '../../src/contract/supplant-client.ts';
import type { PreviewKey } from '../../src/domain/preview/name.ts';
import { type PreviewRequest, formatPreview } from '../../src/domain/preview/preview.ts';
import type { PreviewView } from '../../src/domain/preview/view.ts';
import type { RequestMeta } from '../../src/domain/service/requests.ts';
import { type ServiceKey, formatServiceId } from '../../src/domain/service/service.ts';

/** What the double answers about previews; what is left out is answered as an empty system would. */
export interface PreviewAnswers {
  previews?: PreviewView[];
  opened?: Partial<PreviewAnswer>;
  /** How a preview is at one look after the other; the last one stays. */
  looks?: PreviewView[];
}

type Record = (method: string, ...args: unknown[]) => void;

/** A double of what can be done with previews: does nothing, records what it was asked and answers from a script. */
export class RecordingPreviews implements PreviewClient {
  readonly #answers: PreviewAnswers;
  readonly #record: Record;
  #looked = 0;

  constructor(answers: PreviewAnswers, record: Record) {
    this.#answers = answers;
    this.#record = record;
  }

  async open(request: PreviewRequest, change: RequestMeta): Promise<PreviewAnswer> {
    this.#record('openPreview', request, change);
    const { run, ...answer } = {
      effect: 'it is opened',
      unchanged: false,
      port: 18_100,
      run: 1,
      ...this.#answers.opened,
    };
    return change.dryRun ? answer : { ...answer, run };
  }

  async close(key: PreviewKey, change: RequestMeta): Promise<{ effect: string; unchanged: boolean }> {
    this.#record('closePreview', key, change);
    return { effect: 'it is closed', unchanged: false };
  }

  async view(key: PreviewKey): Promise<PreviewView> {
    this.#record('viewPreview', key);
    const { looks = [], previews = [] } = this.#answers;
    const look = looks[Math.min(this.#looked, looks.length - 1)];
    this.#looked += 1;
    const found = look ?? previews.find(({ branch }) => branch === key.branch);
    if (!found) throw new ApiError('NOT_FOUND', `there is no preview ${formatPreview(key)}`);
    return found;
  }

  async list(service?: ServiceKey): Promise<PreviewView[]> {
    this.#record('listPreviews', service);
    const { previews = [] } = this.#answers;
    return previews.filter((each) => !service || formatServiceId(each.service) === formatServiceId(service));
  }
}
