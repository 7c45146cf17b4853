import type { Finding, FindingVerdict, ReaperReport } from '../../domain/reaper/finding.ts';
import { facts } from './facts.ts';
import type { Frame } from './frame.ts';
import { FINDING_MARKS } from './symbols.ts';
import { type Line, line, span, wrap } from './text.ts';
import { moment } from './time.ts';
import { plural } from './words.ts';

/** What the reaper has found, what is to be destroyed first. */
export function renderReaperReport({ findings, ...report }: ReaperReport, frame: Frame): Line[] {
  const { now } = frame;
  const { lookedAt, nextLookAt, owned, trouble } = report;
  const kept = findings.filter(({ verdict }) => verdict === 'owned');
  const unowned = findings.filter(({ verdict }) => verdict !== 'owned');
  const sum = `${plural(owned, 'stack')} with an owner, ${unowned.length} without`;
  return [
    ...facts(
      [
        { name: 'Stacks', value: sum, tone: unowned.length > 0 ? 'busy' : 'good' },
        lookedAt === undefined
          ? { name: 'Looked', value: 'never yet' }
          : { name: 'Looked', value: moment(lookedAt, now) },
        nextLookAt === undefined ? undefined : { name: 'Next', value: moment(nextLookAt, now) },
        trouble === undefined ? undefined : { name: 'Trouble', value: trouble, tone: 'bad' },
      ],
      frame,
    ),
    ...UNOWNED.flatMap((verdict) =>
      findings
        .filter((finding) => finding.verdict === verdict)
        .flatMap((finding) => [[], ...findingLines(finding, frame)]),
    ),
    ...(kept.length === 0 ? [] : [[], ...kept.flatMap((finding) => findingLines(finding, frame))]),
  ];
}

/** What needs a person comes first. */
const UNOWNED: FindingVerdict[] = ['given-up', 'reaping', 'condemned'];

function findingLines(finding: Finding, { now, symbols, width }: Frame): Line[] {
  const [symbol, tone] = FINDING_MARKS[finding.verdict];
  const { attempts, because, dueAt, foundAt, lastError, owner, project, stack, suggestion, verdict } = finding;
  const head = line(
    span(`${symbols[symbol]} `, tone),
    span(`${project}/${stack}`, 'strong'),
    span(`  ${verdict}`, tone),
    span(owner === undefined ? '' : `  ${owner}`, 'faint'),
  );
  if (verdict === 'owned') return [head];
  const notes = [
    because,
    ...(foundAt === undefined ? [] : [`found ${moment(foundAt, now)}`]),
    ...(dueAt === undefined ? [] : [`${verdict === 'condemned' ? 'destroyed' : 'tried again'} ${when(dueAt, now)}`]),
    ...(attempts === 0 ? [] : [plural(attempts, 'attempt')]),
  ];
  const indent = '  ';
  return [
    head,
    ...wrap(notes.join(` ${symbols.dot} `), width - 2).map((text) => line(indent, text)),
    ...(lastError === undefined ? [] : wrap(lastError, width - 2).map((text) => line(indent, span(text, 'bad')))),
    ...(suggestion === undefined ? [] : wrap(suggestion, width - 2).map((text) => line(indent, span(text, 'accent')))),
  ];
}

/** What is due by now is done by the next look: a time that is over would read as if it had been done. */
function when(dueAt: string, now: Date): string {
  return Date.parse(dueAt) > now.getTime() ? moment(dueAt, now) : 'at the next look';
}
