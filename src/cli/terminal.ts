import type { CommandContext, Output } from './context.ts';
import type { Documents, ErrorDocument } from './documents.ts';
import { Interrupted, toShownError } from './errors.ts';
import { fitHeight, frame, type Frame, render } from './views/frame.ts';
import { line, type Line, span, wrap } from './views/text.ts';

/** Options every command has. */
export interface CommonOptions {
  output: 'text' | 'json';
  data?: string;
  context?: string;
  color: boolean;
  quiet: boolean;
  verbose: boolean;
}

/** Width where nobody looks: files and pipes get whole lines. */
const UNLIMITED = 1000;

/** Speaks to the caller: data on stdout, progress and errors on stderr. */
export class Terminal {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly #context: CommandContext;
  readonly #options: CommonOptions;
  readonly #unicode: boolean;

  constructor(context: CommandContext, options: CommonOptions) {
    this.#context = context;
    this.#options = options;
    this.json = options.output === 'json';
    this.quiet = options.quiet;
    this.#unicode = speaksUnicode(context.env);
  }

  frame(output: Output = this.#context.stdout): Frame {
    const width = output.isTTY ? output.columns : columnsWanted(this.#context.env);
    return frame(width, this.#context.now(), this.#unicode);
  }

  /** A view as lines ready to be written. */
  draw(lines: readonly Line[], output: Output = this.#context.stdout): string[] {
    return render(lines, this.frame(output), this.#coloured(output));
  }

  /** A view as a picture to be drawn over itself: no higher than the terminal, or it could not be. */
  picture(view: (frame: Frame) => Line[], output: Output): string[] {
    return this.draw(fitHeight(view, this.frame(output), Math.max(1, output.rows - 1)), output);
  }

  /** The command's result: the view, or the document with `-o json`. */
  result<Kind extends keyof Documents>(kind: Kind, document: Documents[Kind], view: (frame: Frame) => Line[]): void {
    if (this.json) this.document(kind, document);
    else this.data(view(this.frame()));
  }

  /** What was done: the same, without words when all went well and `--quiet` was asked for. */
  done<Kind extends keyof Documents>(kind: Kind, document: Documents[Kind], view: (frame: Frame) => Line[]): void {
    if (this.json || !this.quiet) this.result(kind, document, view);
  }

  document<Kind extends keyof Documents>(_kind: Kind, document: Documents[Kind]): void {
    this.#context.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  }

  data(lines: readonly Line[]): void {
    this.#write(this.#context.stdout, lines);
  }

  /** What happens meanwhile; nothing with `--quiet` or `-o json`. */
  progress(...lines: Line[]): void {
    if (!this.quiet && !this.json) this.#write(this.#context.stderr, lines);
  }

  /** Whether progress can be drawn over itself. */
  get live(): boolean {
    return this.canRedraw(this.#context.stderr) && !this.quiet && !this.json;
  }

  /** Whether the cursor can be moved there. */
  canRedraw(output: Output): boolean {
    return output.isTTY && this.#context.env.TERM !== 'dumb';
  }

  /** A remark that must not be lost: not silenced by `--quiet`, kept out of the data. */
  remark(...lines: Line[]): void {
    if (!this.json) this.#write(this.#context.stderr, lines);
  }

  /** Shows an error and returns the exit code that goes with it. */
  error(error: unknown): number {
    const { stderr } = this.#context;
    const facts = toShownError(error);
    if (this.json) stderr.write(`${JSON.stringify({ error: facts } satisfies ErrorDocument)}\n`);
    // The person knows what happened.
    else if (error instanceof Interrupted) this.#write(stderr, [line(span(facts.message, 'busy'))]);
    else {
      const width = this.frame(stderr).width;
      const body = (mark: string, text: string, tone: 'bad' | 'accent'): Line[] =>
        wrap(text, width - mark.length).map((part, index) =>
          line(index === 0 ? span(mark, tone) : ' '.repeat(mark.length), part),
        );
      this.#write(stderr, [
        ...body('error: ', facts.message, 'bad'),
        ...facts.faults.flatMap(({ at, path, message }) =>
          body('  - ', [at, path].filter((text) => text).join(' ') + `: ${message}`, 'bad'),
        ),
        ...(facts.suggestion === undefined ? [] : body('hint: ', facts.suggestion, 'accent')),
      ]);
    }
    if (this.#options.verbose && error instanceof Error) stderr.write(`${error.stack ?? ''}\n`);
    return facts.exitCode;
  }

  #write(output: Output, lines: readonly Line[]): void {
    for (const text of this.draw(lines, output)) output.write(`${text}\n`);
  }

  /** After no-color.org; FORCE_COLOR as Node has it, where 0 and false mean no colours at all. */
  #coloured(output: Output): boolean {
    const { FORCE_COLOR, NO_COLOR } = this.#context.env;
    if (!this.#options.color || NO_COLOR) return false;
    if (FORCE_COLOR) return !/^(0|false)$/i.test(FORCE_COLOR);
    return this.canRedraw(output);
  }
}

/** As POSIX has it: the first of these that is set decides. None is set on Windows and in bare containers. */
function speaksUnicode(env: CommandContext['env']): boolean {
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value);
  return locale === undefined ? env.TERM !== 'linux' && env.TERM !== 'dumb' : /utf-?8/i.test(locale);
}

function columnsWanted(env: CommandContext['env']): number {
  const columns = Number(env.COLUMNS);
  return Number.isInteger(columns) && columns > 0 ? columns : UNLIMITED;
}
