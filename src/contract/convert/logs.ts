import type { MessageInitShape } from '@bufbuild/protobuf';
import type { LogPart } from '../../domain/logs.ts';
import type { ServiceKey } from '../../domain/service/service.ts';
import type { ReadLogsResponse, ReadLogsResponseSchema } from '../gen/supplant/v1/logs_pb.ts';
import { names, readNumber } from '../names.ts';

export function toLogPart(service: ServiceKey, part: LogPart): MessageInitShape<typeof ReadLogsResponseSchema> {
  if (part.kind === 'lines') {
    return {
      part: { case: 'printed', value: { process: part.process, lines: part.lines.map((one) => one.toWellFormed()) } },
    };
  }
  const { revision, host, logs } = part;
  return { part: { case: 'places', value: { revision: names.revision(service, revision), host, logs } } };
}

/** Undefined for what a newer gateway knows. */
export function fromLogPart({ part }: ReadLogsResponse): LogPart | undefined {
  switch (part.case) {
    case 'printed':
      return { kind: 'lines', process: part.value.process, lines: part.value.lines };
    case 'places': {
      const { revision, host, logs } = part.value;
      const places = logs.map(({ process, path }) => ({ process, path }));
      return { kind: 'places', revision: readNumber(revision) ?? 0, host, logs: places };
    }
    case undefined:
      return undefined;
  }
}
