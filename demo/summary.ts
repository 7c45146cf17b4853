import { facts } from '../src/cli/views/facts.ts';
import type { Frame } from '../src/cli/views/frame.ts';
import { type Line, line, span, wrap } from '../src/cli/views/text.ts';
import { elapsed } from '../src/cli/views/time.ts';
import type { Leftovers } from './leftovers.ts';
import type { DemoReport } from './report.ts';
import { count, counted } from './words.ts';

/** What the demo found, for people. */
export function summaryLines(report: DemoReport, files: { report: string; logs: string }, frame: Frame): Line[] {
  const { requests, refused, caught, rollback, experiment, leftovers, audit } = report;
  const { p50, p99, max } = requests.latencyMillis;
  return [
    [],
    ...headline(report, frame),
    ...facts(
      [
        {
          name: 'Requests',
          value:
            `${count(requests.total)} at ${Math.round(requests.perSecond)}/s, ${count(requests.failed)} failed; ` +
            `median ${elapsed(p50)}, p99 ${elapsed(p99)}, slowest ${elapsed(max)}`,
        },
        refused.revision === 0
          ? undefined
          : {
              name: 'Refused',
              value: `r${refused.revision} got ${counted(refused.requests, 'request')} besides those of its checks`,
            },
        caught.revision === 0
          ? undefined
          : {
              name: 'Caught',
              value:
                `r${caught.revision} at ${caught.weight} % by ${caught.check ?? 'no verdict'}; it had ` +
                `${elapsed(caught.exposureMs)} of full traffic (at most ${elapsed(caught.worstExposureMs)} by its plan)`,
            },
        rollback.millis === 0
          ? undefined
          : {
              name: 'Rollback',
              value: `${elapsed(rollback.millis)} from the call to all traffic on the warm revision`,
            },
        experiment.run === 0
          ? undefined
          : { name: 'Experiment', value: experiment.found[0] ?? `${experiment.outcome}, and nothing was compared` },
        { name: 'Left', value: describeLeft(leftovers) },
        {
          name: 'Audit',
          value: `${counted(audit.events, 'event')}, chain ${audit.verified ? 'verified' : 'BROKEN'}`,
        },
        { name: 'Report', value: files.report },
        report.ok ? undefined : { name: 'Logs', value: files.logs },
      ],
      frame,
    ),
  ];
}

/** What is said of an early end. */
export function endingLines({ stacks, processes }: Leftovers): Line[] {
  const left = [...stacks, ...processes.map((pid) => `pid ${pid}`)];
  return left.length === 0
    ? [line(span('Ended early; nothing that was started is left.', 'busy'))]
    : [line(span(`Ended early, and could not end all that was started: ${left.join(', ')}`, 'bad'))];
}

function describeLeft({ stacks, processes, leases, experiments }: DemoReport['leftovers']): string {
  return [
    counted(stacks, 'stack'),
    counted(processes, 'process', 'processes'),
    counted(leases, 'lease'),
    counted(experiments, 'experiment'),
  ].join(', ');
}

function headline({ seconds, faults }: DemoReport, { width }: Frame): Line[] {
  if (faults.length === 0) return [line(span(`All was as expected, in ${elapsed(seconds * 1000)}.`, 'good'))];
  return [
    line(span('Not as expected:', 'bad')),
    ...faults.flatMap((fault) =>
      wrap(fault, width - 4).map((part, index) => line(index === 0 ? '  - ' : '    ', span(part, 'bad'))),
    ),
  ];
}
