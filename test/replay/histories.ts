import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import proto from '@temporalio/proto';

export const HISTORIES = join(import.meta.dirname, 'histories');
const CHECKOUT = `${join(import.meta.dirname, '../..')}/`;

const { History } = proto.temporal.api.history.v1;
type History = proto.temporal.api.history.v1.IHistory;

export interface RecordedHistory {
  name: string;
  workflowId: string;
  history: History;
}

/**
 * A history as JSON that loads again without loss. Not by the SDK's own `historyToJSON`: that needs one copy of
 * protobufjs in the whole tree, and other packages need an older one. Stacks of failures name files as the checkout does:
 * where it lies on the recording machine is nobody's business.
 */
export function historyText(workflowId: string, history: History): string {
  const plain = History.toObject(History.fromObject(history), { enums: String, longs: String, bytes: String });
  const text = JSON.stringify({ workflowId, history: plain });
  return `${text.replaceAll(`file://${CHECKOUT}`, '').replaceAll(CHECKOUT, '')}\n`;
}

/** Every recorded history. */
export function recordedHistories(): RecordedHistory[] {
  return readdirSync(HISTORIES).map((file) => {
    const { workflowId, history } = JSON.parse(readFileSync(join(HISTORIES, file), 'utf8')) as {
      workflowId: string;
      history: Record<string, unknown>;
    };
    return { name: file.replace(/\.json$/, ''), workflowId, history: History.fromObject(history) };
  });
}
