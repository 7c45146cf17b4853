import type { Frame } from '../src/cli/views/frame.ts';
import { PHASE_MARKS, UNICODE } from '../src/cli/views/symbols.ts';
import { type Line, cutLine, line, lineWidth, pad, span, width, wrap } from '../src/cli/views/text.ts';
import { elapsed } from '../src/cli/views/time.ts';
import type { ChapterScene, PhaseScene, Scene, TrafficScene } from './scene.ts';
import { count } from './words.ts';

const BAR_CELLS = 30;
const TITLE_CELLS = 18;
const FOUND_INDENT = '    ';
/** The rest is in the summary. */
const MOST_FOUND_LINES = 3;

/** The whole demo as one picture that fits a terminal of 80 × 24. */
export function sceneLines(scene: Scene, frame: Frame): Line[] {
  const { width: cells } = frame;
  return [
    ends(line(span('A web server is replaced under load', 'strong')), elapsed(scene.elapsedMs), cells),
    [],
    ...scene.chapters.flatMap((chapter, index) => chapterLines(chapter, index + 1, frame)),
    [],
    loadLine(scene),
    ...scene.traffic.map((target) => trafficLine(target, frame)),
    [],
    ...(scene.meanwhile === undefined ? [] : [line(span(scene.meanwhile, 'busy'))]),
    ...(scene.temporalUi === undefined ? [] : [line(span('Temporal UI  ', 'faint'), span(scene.temporalUi, 'accent'))]),
  ];
}

function chapterLines(chapter: ChapterScene, number: number, frame: Frame): Line[] {
  const [symbol, tone] = PHASE_MARKS[chapter.state];
  const head = line(
    span(`${frame.symbols[symbol]} `, tone),
    span(`${number} ${pad(chapter.title, TITLE_CELLS)}`, chapter.state === 'pending' ? 'faint' : 'strong'),
    span(chapter.ending ?? chapter.plot, chapter.state === 'pending' ? 'faint' : 'plain'),
  );
  const time = chapter.seconds === undefined ? '' : elapsed(chapter.seconds * 1000);
  return [
    ends(head, time, frame.width, frame.symbols.ellipsis),
    ...(chapter.state === 'running' ? [phasesLine(chapter.phases, frame)] : []),
    ...foundLines(chapter.found ?? '', frame),
  ];
}

function foundLines(found: string, { width: cells, symbols }: Frame): Line[] {
  const lines = wrap(found, cells - FOUND_INDENT.length);
  const shown = lines.slice(0, MOST_FOUND_LINES);
  const isCut = shown.length < lines.length;
  return shown.map((text, index) => {
    const mark = isCut && index === shown.length - 1 ? symbols.ellipsis : '';
    return cutLine(line(FOUND_INDENT, `${text}${mark}`), cells, symbols.ellipsis);
  });
}

function phasesLine(phases: readonly PhaseScene[], { symbols }: Frame): Line {
  return line(
    '  ',
    ...phases.flatMap(({ phase, state }) => {
      const [symbol, tone] = PHASE_MARKS[state];
      return [span(`${symbols[symbol]} ${phase}  `, tone)];
    }),
  );
}

function loadLine({ load, address }: Scene): Line {
  if (!load || address === undefined) return line(span('No traffic yet: nothing is live', 'faint'));
  const { total, failed, recent } = load;
  return line(
    span(`${count(total)} requests, `),
    span(`${count(failed)} failed`, failed > 0 ? 'bad' : 'good'),
    span(`  ${Math.round(recent.perSecond)}/s on ${address}, p99 ${elapsed(recent.p99)}`, 'faint'),
  );
}

function trafficLine({ revision, weight, served }: TrafficScene, { symbols }: Frame): Line {
  const [full, empty] = symbols === UNICODE ? ['█', '░'] : ['#', '.'];
  const filled = Math.round((weight / 100) * BAR_CELLS);
  return line(
    span(`${weight > 0 ? symbols.live : symbols.warm} `, weight > 0 ? 'good' : 'accent'),
    span(pad(`r${revision}`, 4)),
    span(full.repeat(filled), 'good'),
    span(empty.repeat(BAR_CELLS - filled), 'faint'),
    span(pad(`${weight} %`, 7, 'left')),
    span(pad(`${count(served)} served`, 18, 'left'), 'faint'),
  );
}

/** Text at the left and at the right edge; the left one is cut where both do not fit. */
function ends(left: Line, right: string, cells: number, mark = '…'): Line {
  if (right === '') return left;
  const cut = cutLine(left, cells - width(right) - 1, mark);
  return [...cut, span(' '.repeat(Math.max(1, cells - lineWidth(cut) - width(right)))), span(right, 'faint')];
}
