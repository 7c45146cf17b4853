import { formatEndpointUrl, shortenDigest } from '../../domain/service/revision.ts';
import { formatServiceId } from '../../domain/service/service.ts';
import type { ServiceView } from '../../domain/rollout/status.ts';
import type { Frame } from './frame.ts';
import { describeServiceState } from './service.ts';
import { type Column, table } from './table.ts';
import { line, type Line, span } from './text.ts';

const COLUMNS: Column[] = [
  { title: 'SERVICE' },
  { title: 'ADDRESS', rank: 1 },
  { title: 'STATUS' },
  { title: 'ARTIFACT', rank: 2 },
];

/** One line a service. */
export function renderList(services: readonly ServiceView[], { width }: Frame): Line[] {
  if (services.length === 0) {
    return [
      line('No services yet. Describe one with '),
      line(span('  supplant init', 'accent')),
      line(span('  supplant apply -f supplant.yaml', 'accent')),
    ];
  }
  const rows = services.map((view) => {
    const { value, tone } = describeServiceState(view);
    const live = view.status.revisions.find(({ number }) => number === view.status.live);
    const address = view.route ? formatEndpointUrl(view.route.address) : '';
    return [
      formatServiceId(view.status.spec.service),
      address,
      { text: value, tone },
      shortenDigest(live?.artifact ?? view.status.spec.artifact),
    ];
  });
  return table(COLUMNS, rows, width);
}
