import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import type { EvidenceWindow } from '../../../../domain/evidence/metrics.ts';
import { CloudWatch } from '../../../../evidence/metrics/cloudwatch.ts';
import { type LiveFinding, judge } from '../../finding.ts';
import type { LiveCheck } from '../live-check.ts';
import { pollFact } from '../poll.ts';
import type { LiveStage } from '../stage.ts';

/** How long a state may take to be in the alarm's history. */
const HISTORY_MS = 60_000;
/** Clocks of AWS and of this machine may be so far apart. */
const CLOCKS_MS = 300_000;

/** An alarm that knows nothing is no pass, and one that went off is found, even if it is over. */
export const alarms: LiveCheck = {
  name: 'alarms',
  async run(stage) {
    const { region } = stage.parts.identity;
    const client = new CloudWatchClient({ region });
    const reader = await CloudWatch.open({ region });
    try {
      await createAlarm(stage, client);
      return [await judgeNew(stage, reader), await judgeOff(stage, client, reader)];
    } finally {
      await reader.close();
      client.destroy();
    }
  },
};

/** On a metric that nobody writes, and without an action: it tells nobody. */
async function createAlarm({ prefix, parts: { identity, ledger, signal } }: LiveStage, client: CloudWatchClient) {
  signal.throwIfAborted();
  const region = identity.region;
  const withClient = async <T>(call: (own: CloudWatchClient) => Promise<T>): Promise<T> => {
    // The check's own is closed by then.
    const own = new CloudWatchClient({ region });
    return call(own).finally(() => own.destroy());
  };
  ledger.note({
    label: `alarm ${prefix}`,
    remove: () =>
      withClient(async (own) => {
        const { MetricAlarms = [] } = await own.send(new DescribeAlarmsCommand({ AlarmNames: [prefix] }));
        if (MetricAlarms.length > 0) await own.send(new DeleteAlarmsCommand({ AlarmNames: [prefix] }));
      }),
    isGone: () =>
      withClient(async (own) => {
        const { MetricAlarms = [] } = await own.send(new DescribeAlarmsCommand({ AlarmNames: [prefix] }));
        return MetricAlarms.length === 0;
      }),
    command: `aws cloudwatch --region ${region} delete-alarms --alarm-names ${prefix}`,
  });
  await client.send(
    new PutMetricAlarmCommand({
      AlarmName: prefix,
      Namespace: 'Supplant/Doctor',
      MetricName: prefix,
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      ActionsEnabled: false,
    }),
  );
}

async function judgeNew({ prefix }: LiveStage, reader: CloudWatch): Promise<LiveFinding> {
  const [reading] = await reader.readAlarms([prefix], windowOfNow());
  return judge({
    holds: reading?.state === 'unknown',
    expected: 'an alarm without data is neither well nor off',
    found: `it is ${reading?.state}: ${reading?.reason}`,
    so: 'no data is no pass: such an alarm leaves a verdict open',
    otherwise: 'give a new alarm time before a rollout is judged by it',
  });
}

async function judgeOff(stage: LiveStage, client: CloudWatchClient, reader: CloudWatch): Promise<LiveFinding> {
  const { prefix, parts } = stage;
  await client.send(
    new SetAlarmStateCommand({ AlarmName: prefix, StateValue: 'ALARM', StateReason: 'supplant doctor' }),
  );
  const tookMs = await pollFact(HISTORY_MS, parts.signal, async () => {
    const [reading] = await reader.readAlarms([prefix], windowOfNow());
    return reading?.wentOffAt !== undefined;
  });
  return judge({
    holds: tookMs !== undefined,
    expected: 'an alarm that went off is in its history, in words that are understood',
    found: tookMs === undefined ? `it is not, after ${HISTORY_MS / 1_000} s` : `it is, after ${tookMs} ms`,
    so: 'an alarm that goes off during a bake is not missed, even if it is over at the next look',
    otherwise: 'an alarm that is over before the next look is missed; let alarms last for some periods',
  });
}

function windowOfNow(): EvidenceWindow {
  const now = Date.now();
  return { from: new Date(now - CLOCKS_MS).toISOString(), to: new Date(now + CLOCKS_MS).toISOString() };
}
