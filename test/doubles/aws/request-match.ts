import type { IncomingMessage } from 'node:http';
import { type QueryFields, fieldsOf, textOf, textsOf } from './query-protocol.ts';
import type { RuleView } from './topology.ts';

/** The first rule, by priority, whose conditions a request meets. The default has none. */
export function findRule(rules: readonly RuleView[], request: IncomingMessage): RuleView | undefined {
  return rules.find(({ conditions }) => conditions.every((condition) => meets(request, condition)));
}

function meets(request: IncomingMessage, condition: QueryFields): boolean {
  const field = textOf(condition.Field);
  switch (field) {
    case 'host-header':
      return matchesAny(
        patternsOf(condition, 'HostHeaderConfig'),
        (request.headers.host ?? '').replace(/:\d+$/, ''),
        'i',
      );
    case 'path-pattern':
      return matchesAny(patternsOf(condition, 'PathPatternConfig'), (request.url ?? '/').split('?')[0] ?? '/', '');
    case 'http-header': {
      const { HttpHeaderName } = fieldsOf(condition.HttpHeaderConfig);
      const sent = request.headers[textOf(HttpHeaderName).toLowerCase()];
      return typeof sent === 'string' && matchesAny(patternsOf(condition, 'HttpHeaderConfig'), sent, 'i');
    }
    default:
      throw new Error(`the data plane knows no rules with a condition on ${field}`);
  }
}

function patternsOf(condition: QueryFields, config: string): string[] {
  const listed = textsOf(fieldsOf(condition[config]).Values);
  return listed.length > 0 ? listed : textsOf(condition.Values);
}

/** `*` stands for any characters, `?` for one. */
function matchesAny(patterns: readonly string[], text: string, flags: string): boolean {
  return patterns.some((pattern) => {
    const escaped = pattern.replaceAll(/[\\^$.+()[\]{}|]/g, '\\$&');
    return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, flags).test(text);
  });
}
