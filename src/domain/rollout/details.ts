import { formatHookPoint } from '../hooks/hook.ts';
import { describeHookStatus } from '../hooks/report.ts';
import { describeQuestion } from '../evidence/metrics.ts';
import { CLAIM_EXAMPLE, findClaimRefusal } from '../gates/claim.ts';
import { awaitsApproval, describeGateStatus } from '../gates/status.ts';
import { formatServiceId } from '../service/service.ts';
import { ISO_TIMES, describeAim, describeJudged, narrateWaiting } from './narrate.ts';
import { describePlanPosition, describeShare } from './plan.ts';
import type { PhaseState, RolloutStatus } from './status.ts';

const MARKS: Record<PhaseState, string> = { done: '✔', running: '▶', failed: '✖', skipped: '–', pending: '·' };

/** A rollout in Markdown, for the Temporal UI: what is happening, what it waits for, what was found. */
export function renderDetails(status: RolloutStatus): string {
  const parts = [glass(status), waiting(status), gates(status), phases(status), steps(status), verdicts(status)];
  return [headline(status), ...parts, hooks(status), quarantine(status)].filter((part) => part !== '').join('\n\n');
}

function headline(status: RolloutStatus): string {
  const { service, number, outcome, because, phase, paused, frozen } = status;
  const position = describePlanPosition(status.steps);
  const what = `**${describeAim(status)}** of ${formatServiceId(service)} (rollout ${number})`;
  if (outcome) return `${what}: **${outcome}**${because === undefined ? '' : ` — ${because}`}`;
  return `${what}: ${frozen ? '**frozen** in' : paused ? 'paused in' : 'in'} phase **${phase}**${position === undefined ? '' : `, ${position}`}`;
}

/** Of a rollout that waits for nothing but its own work the phases say enough. */
function waiting(status: RolloutStatus): string {
  return status.wait ? narrateWaiting(status, ISO_TIMES).join(' ') : '';
}

/** Shouted: what others have agreed on was passed. */
function glass({ breakGlass }: RolloutStatus): string {
  return breakGlass ? `**BREAK-GLASS** by ${breakGlass.actor} at ${breakGlass.at}: ${cell(breakGlass.reason)}` : '';
}

/** Each gate, and for one that waits for people what they type. */
function gates({ gates: all = [], service, number }: RolloutStatus): string {
  const isAsked = awaitsApproval(all);
  const to = `${formatServiceId(service)} --rollout ${number} --reason "…"`;
  return [
    ...all.map((gate) => `- ${cell(describeGateStatus(gate))}`),
    ...(isAsked ? ['', '```', `supplant approve ${to}`, `supplant reject ${to}`, '```'] : []),
    ...(findClaimRefusal(all) === undefined
      ? ['', `Or from here: the update _approve_ or _reject_, with \`${CLAIM_EXAMPLE}\``]
      : []),
  ].join('\n');
}

function phases({ phases: all }: RolloutStatus): string {
  return [
    '| | phase | |',
    '|---|---|---|',
    ...all.map(({ phase, state, note }) => `| ${MARKS[state]} | ${phase} | ${cell(note ?? '')} |`),
  ].join('\n');
}

/** Of a plan that has several: a plan of one step says what its phases say. */
function steps({ steps: all }: RolloutStatus): string {
  if (all.length < 2) return '';
  return [
    '| | step | traffic | |',
    '|---|---|---|---|',
    ...all.map(
      (step) => `| ${MARKS[step.state]} | ${step.number} | ${describeShare(step)} | ${cell(step.note ?? '')} |`,
    ),
  ].join('\n');
}

function verdicts(status: RolloutStatus): string {
  return status.verdicts
    .map(
      (judged) =>
        `- check **${judged.check}**, ${describeJudged(judged, status)}: ${judged.verdict}${judged.isDryRun ? ' (dry run)' : ''} — ${cell([judged.evidence, describeQuestion(judged) ?? []].flat().join('; '))}`,
    )
    .join('\n');
}

function hooks({ hooks: all = [] }: RolloutStatus): string {
  return all
    .map((report) => {
      const { name, step, reason } = report;
      const where = `${formatHookPoint(report)}${step === undefined ? '' : ` of step ${step}`}`;
      return `- hook **${name}**, ${where}: ${describeHookStatus(report)}${reason === undefined ? '' : ` — ${cell(reason)}`}`;
    })
    .join('\n');
}

function quarantine({ quarantined }: RolloutStatus): string {
  return quarantined.map((stack) => `- stack **${stack}** could not be destroyed yet; its teardown goes on`).join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
