import type { PhaseState, RolloutStatus } from './status.ts';

const MARKS: Record<PhaseState, string> = { done: '✔', running: '▶', failed: '✖', skipped: '–', pending: '·' };

/** A rollout in Markdown, for the Temporal UI: what is happening, what it waits for, what was found. */
export function details(status: RolloutStatus): string {
  return [headline(status), waiting(status), phases(status), verdicts(status), quarantine(status)]
    .filter((part) => part !== '')
    .join('\n\n');
}

function headline(status: RolloutStatus): string {
  const { service, number, outcome, because, phase, paused } = status;
  const what = `**${aim(status)}** of ${service.name}/${service.environment} (rollout ${number})`;
  if (outcome) return `${what}: **${outcome}**${because === undefined ? '' : ` — ${because}`}`;
  return `${what}: ${paused ? 'paused in' : 'in'} phase **${phase}**`;
}

/** `deploy of r7`, `rollback to r5`, `removal`. */
export function aim({ kind, revision }: Pick<RolloutStatus, 'kind' | 'revision'>): string {
  if (kind === 'remove') return 'removal';
  const target = revision === undefined ? 'the previous revision' : `r${revision}`;
  return kind === 'rollback' ? `rollback to ${target}` : `deploy of ${target}`;
}

function waiting({ wait }: RolloutStatus): string {
  if (!wait) return '';
  const until = wait.until === undefined ? '' : `, until ${wait.until}`;
  return `Waits for **${wait.on}** since ${wait.since}${until}. Ended by: ${wait.endedBy}. Then: ${wait.then}.`;
}

function phases({ phases: all }: RolloutStatus): string {
  return [
    '| | phase | |',
    '|---|---|---|',
    ...all.map(({ phase, state, note }) => `| ${MARKS[state]} | ${phase} | ${cell(note ?? '')} |`),
  ].join('\n');
}

function verdicts({ verdicts: all }: RolloutStatus): string {
  return all.map(({ check, verdict, evidence }) => `- check **${check}**: ${verdict} — ${cell(evidence)}`).join('\n');
}

function quarantine({ quarantined }: RolloutStatus): string {
  return quarantined.map((stack) => `- stack **${stack}** could not be destroyed yet; its teardown goes on`).join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
