import type { SupplantClient } from '../../contract/supplant-client.ts';
import type { AnalysisSpec } from '../../domain/evidence/judge/analysis-spec.ts';
import { type AnalysisRecord, rejudge } from '../../domain/evidence/judge/record.ts';
import { formatRolloutName } from '../../domain/service/requests.ts';
import { type ServiceKey, formatServiceId } from '../../domain/service/service.ts';
import { UsageError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { readManifestFile } from '../manifest-file.ts';
import { onService, readRollout } from '../service-argument.ts';
import { type Session, withClient } from '../session.ts';
import { type RejudgedStep, renderRejudged } from '../views/rejudged.ts';
import { listEvents } from './audit.ts';

/** Judges anew what the analysis of a rollout has counted: by the rules it had, and by others. */
export async function rejudgeRollout(
  session: Session,
  service: string,
  rollout: string | undefined,
  { file }: { file?: string },
): Promise<number> {
  const number = rollout === undefined ? undefined : readRollout(rollout);
  const described = file === undefined ? undefined : await readManifestFile(session.context, file);
  return withClient(session, (client) =>
    onService(client, service, async (key) => {
      const { number: found } = await client.rollout(key, number);
      const name = formatRolloutName({ service: key, number: found });
      const records = await readRecords(client, key, name);
      if (records.length === 0) {
        throw new UsageError(`nothing is recorded of an analysis of ${name}`, {
          suggestion: `strategy.analysis has one; supplant history ${formatServiceId(key)} shows other rollouts`,
        });
      }
      const spec = described ?? (await client.view(key)).status.spec;
      const steps = records.map((record) => rejudgeStep(record, spec.strategy.analysis));
      session.terminal.result('rejudge', { rollout: name, steps }, (frame) => renderRejudged(name, steps, frame));
      return EXIT.ok.code;
    }),
  );
}

function rejudgeStep({ step, record }: RecordedStep, spec: AnalysisSpec | undefined): RejudgedStep {
  const { from, to } = record;
  return { step, from, to, before: rejudge(record, record.spec), now: spec ? rejudge(record, spec) : null };
}

interface RecordedStep {
  step: number;
  record: AnalysisRecord;
}

async function readRecords(client: SupplantClient, service: ServiceKey, rollout: string): Promise<RecordedStep[]> {
  const steps: RecordedStep[] = [];
  for await (const { type, data } of listEvents(client, { subject: formatServiceId(service), rollout })) {
    if (type !== 'analysis.measured') continue;
    steps.push({ step: Number(data.step), record: data.record as unknown as AnalysisRecord });
  }
  return steps;
}
