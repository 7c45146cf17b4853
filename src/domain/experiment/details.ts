import { formatEndpointUrl } from '../service/revision.ts';
import { describeWait } from './explain.ts';
import { type RunPhaseStatus, type RunStatus, formatRunName } from './run.ts';

const MARKS: Record<RunPhaseStatus['state'], string> = {
  done: '✔',
  running: '▶',
  failed: '✖',
  skipped: '–',
  pending: '·',
};

/** A run in Markdown, for the Temporal UI: what is happening, what it waits for, where its variants are. */
export function renderRunDetails(status: RunStatus, now: Date): string {
  const waiting = status.wait ? describeWait(status, now).join(' ') : '';
  return [headline(status), waiting, phases(status), variants(status)].filter((part) => part !== '').join('\n\n');
}

function headline(status: RunStatus): string {
  const { outcome, because, phase, deadlineAt } = status;
  const what = `**${formatRunName(status)}**`;
  if (outcome) return `${what}: **${outcome}**${because === undefined ? '' : ` — ${because}`}`;
  const why = because === undefined ? '' : ` — ${because}`;
  return `${what}: in phase **${phase}**, its stacks are destroyed at ${deadlineAt} at the latest${why}`;
}

function phases({ phases: all }: RunStatus): string {
  return [
    '| | phase | |',
    '|---|---|---|',
    ...all.map(({ phase, state, note }) => `| ${MARKS[state]} | ${phase} | ${cell(note ?? '')} |`),
  ].join('\n');
}

function variants({ variants: all }: RunStatus): string {
  return all
    .map(({ name, artifact, endpoints, address, state }) => {
      const places = [...endpoints, ...(address ? [address] : [])].map(formatEndpointUrl).join(', ');
      return `- **${name}** (${cell(artifact)}): ${state}${places === '' ? '' : ` — ${places}`}`;
    })
    .join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
