import type { Frame } from './frame.ts';
import { type Line, line, pad, span, type Tone, wrap } from './text.ts';

export interface Fact {
  name: string;
  value: string;
  tone?: Tone;
}

/** At least; longer names make more room for all. */
const NAME_CELLS = 10;

/** `Name:     value` pairs; long values go on below themselves. */
export function facts(of: readonly (Fact | undefined)[], { width }: Frame): Line[] {
  const told = of.filter((fact) => fact !== undefined);
  const cells = Math.max(NAME_CELLS, ...told.map(({ name }) => name.length + 2));
  return told.flatMap(({ name, value, tone }) =>
    wrap(value, width - cells).map((text, index) =>
      line(span(pad(index === 0 ? `${name}:` : '', cells), 'faint'), span(text, tone)),
    ),
  );
}

/** A heading with indented text below. */
export function section(title: string, body: Line[], tone: Tone = 'strong'): Line[] {
  return body.length === 0 ? [] : [[], line(span(title, tone)), ...body];
}
