import colours from 'picocolors';
import { ASCII, type Symbols, UNICODE } from './symbols.ts';
import { cutLine, line, type Line, span, type Tone } from './text.ts';

/** What a view is drawn on. */
export interface Frame {
  /** Terminal cells. */
  width: number;
  now: Date;
  symbols: Symbols;
  /** Leave out what is not needed to see what goes on. */
  compact?: boolean;
}

/** Below this nothing readable can be drawn; terminals that report less, or 0, are taken for this wide. */
const NARROWEST = 20;

export function frame(width: number, now: Date, unicode: boolean): Frame {
  return { width: Math.max(NARROWEST, width), now, symbols: unicode ? UNICODE : ASCII };
}

/** The lines as text, none wider than the frame. */
export function render(
  lines: readonly Line[],
  { width, symbols }: Pick<Frame, 'width' | 'symbols'>,
  colour: boolean,
): string[] {
  const paint = colour ? PAINT : PLAIN;
  return lines.map((line) =>
    cutLine(line, width, symbols.ellipsis)
      .map(({ text, tone }) => paint[tone](text))
      .join('')
      .trimEnd(),
  );
}

type Paint = Record<Tone, (text: string) => string>;

/** Whether colours are wanted is decided by the caller, so they are forced on here. */
const { bold, dim, green, red, yellow, cyan } = colours.createColors(true);
const same = (text: string): string => text;
const PAINT: Paint = { plain: same, strong: bold, faint: dim, good: green, bad: red, busy: yellow, accent: cyan };
const PLAIN: Paint = { plain: same, strong: same, faint: same, good: same, bad: same, busy: same, accent: same };

/** The view drawn compactly where it is higher than `rows`; what still does not fit is cut off at its end. */
export function fitHeight(view: (frame: Frame) => Line[], on: Frame, rows: number): Line[] {
  const full = view(on);
  if (full.length <= rows) return full;
  const compact = view({ ...on, compact: true });
  if (compact.length <= rows) return compact;
  const hidden = compact.length - rows + 1;
  return [
    ...compact.slice(0, rows - 1),
    line(span(`${on.symbols.ellipsis} ${hidden} more lines; make the window higher`, 'faint')),
  ];
}
