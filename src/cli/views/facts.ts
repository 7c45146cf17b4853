import type { Frame } from './frame.ts';
import { type Line, line, pad, span, type Tone, wrap } from './text.ts';

export interface Fact {
  name: string;
  value: string;
  tone?: Tone;
}

const NAME_CELLS = 10;

/** `Name:     value` pairs; long values go on below themselves. */
export function facts(of: readonly (Fact | undefined)[], { width }: Frame): Line[] {
  return of.flatMap((fact) => {
    if (!fact) return [];
    return wrap(fact.value, width - NAME_CELLS).map((text, index) =>
      line(span(pad(index === 0 ? `${fact.name}:` : '', NAME_CELLS), 'faint'), span(text, fact.tone)),
    );
  });
}

/** A heading with indented text below. */
export function section(title: string, body: Line[], tone: Tone = 'strong'): Line[] {
  return body.length === 0 ? [] : [[], line(span(title, tone)), ...body];
}
