import { type Line, line, span, wrap } from './text.ts';

/** What something that was asked of a service does now, in as many lines as it takes: a cut sentence helps nobody. */
export function effectLines(service: string, effect: string, width: number): Line[] {
  const head = `${service}: `;
  return wrap(`${head}${effect}`, width).map((text, index) =>
    index === 0 && text.startsWith(head) ? line(span(head, 'strong'), text.slice(head.length)) : line(text),
  );
}
