import type { RunResults } from '../domain/experiment/run.ts';
import type { RunView } from '../domain/experiment/view.ts';

/** What a run has found out as a page that needs no network. */
export function renderResultsPage(_run: RunView, _results: RunResults): string {
  throw new Error('not built yet');
}
