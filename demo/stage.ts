import type { CommandContext } from '../src/cli/context.ts';
import { Terminal } from '../src/cli/terminal.ts';
import type { Frame } from '../src/cli/views/frame.ts';
import { type Line, line, span, type Tone } from '../src/cli/views/text.ts';
import { elapsed } from '../src/cli/views/time.ts';
import type { RouteObservation } from '../src/domain/traffic/route.ts';
import { formatEndpointUrl } from '../src/domain/service/revision.ts';
import type { Chapter } from './chapters.ts';
import { narrate } from './narration.ts';
import type { ChapterScene, PhaseScene, Scene } from './scene.ts';
import { sceneLines } from './scene-view.ts';
import { counted } from './words.ts';

const REDRAW_MS = 200;

/** How a chapter ended, in a line, and in another one what it has found out. */
export interface ChapterEnd {
  isGood: boolean;
  ending: string;
  seconds: number;
  found?: string;
}

/** Shows the demo: one picture drawn over itself on a terminal, else lines that read as a story. */
export class Stage {
  readonly #context: CommandContext;
  readonly #terminal: Terminal;
  readonly #scene: Scene;
  readonly #began = performance.now();
  readonly #live: boolean;
  #timer: NodeJS.Timeout | undefined;
  #weights = '';

  constructor(context: CommandContext, chapters: readonly Chapter[]) {
    this.#context = context;
    this.#terminal = new Terminal(context, { output: 'text', color: true, quiet: false, verbose: false });
    this.#scene = {
      elapsedMs: 0,
      chapters: chapters.map((chapter) => ({ ...chapter, state: 'pending', phases: [] })),
      traffic: [],
    };
    this.#live = context.stdout.isTTY;
    this.resume();
  }

  get elapsedMs(): number {
    return performance.now() - this.#began;
  }

  set load(load: Scene['load']) {
    if (load) this.#scene.load = load;
  }

  /** What goes on outside of the chapters. */
  meanwhile(text: string): void {
    this.#scene.meanwhile = text;
    this.#tell(text);
  }

  runsAt(temporalUi: string): void {
    this.#scene.temporalUi = temporalUi;
    delete this.#scene.meanwhile;
    this.#tell(`supplant dev runs; Temporal UI ${temporalUi}`);
  }

  begin(index: number): void {
    const chapter = this.#chapter(index);
    chapter.state = 'running';
    this.#tell(`${index + 1}. ${chapter.title}: ${chapter.plot}`, 'strong');
  }

  /** How far a chapter is. */
  show(index: number, phases: PhaseScene[]): void {
    const chapter = this.#chapter(index);
    for (const sentence of narrate(chapter.kind, chapter.phases, phases)) this.#tell(`   ${sentence}`);
    chapter.phases = phases;
    this.#tellTraffic();
  }

  end(index: number, { isGood, ...ended }: ChapterEnd): void {
    Object.assign(this.#chapter(index), { state: isGood ? 'done' : 'failed', ...ended });
    const { ending, seconds, found } = ended;
    const { load } = this.#scene;
    const requests = load ? `; ${counted(load.total, 'request')} so far, ${load.failed} failed` : '';
    this.#tell(`   ${ending}, after ${elapsed(seconds * 1000)}${requests}`, isGood ? 'good' : 'bad');
    if (found !== undefined) this.#tell(`   ${found}`);
  }

  traffic(route: RouteObservation): void {
    this.#scene.address = formatEndpointUrl(route.address);
    this.#scene.traffic = route.targets
      .map(({ revision, weight, served = 0 }) => ({ revision, weight, served }))
      .sort((one, other) => one.revision - other.revision);
  }

  loadBegins(perSecond: number, address: string): void {
    this.#tell(`   ${perSecond} requests a second begin on ${address}`, 'accent');
  }

  /** Leaves the last picture where it is; what is printed afterwards follows below. */
  close(): void {
    delete this.#scene.meanwhile;
    this.pause();
  }

  pause(): void {
    clearInterval(this.#timer);
    if (!this.#live) return;
    this.#draw();
    this.#context.stdout.keep();
  }

  resume(): void {
    if (this.#live) this.#timer = setInterval(() => this.#draw(), REDRAW_MS);
  }

  print(view: (frame: Frame) => Line[]): void {
    this.#terminal.data(view(this.#terminal.frame()));
  }

  #chapter(index: number): ChapterScene {
    const chapter = this.#scene.chapters[index];
    if (!chapter) throw new RangeError(`there is no chapter ${index}`);
    return chapter;
  }

  #tell(text: string, tone: Tone = 'plain'): void {
    if (this.#live) return;
    const time = `${(this.elapsedMs / 1000).toFixed(1)}s`.padStart(6);
    this.#terminal.data([line(span(`${time}  `, 'faint'), span(text, tone))]);
  }

  /** After the phase that brought it about, though the router may have told it first. */
  #tellTraffic(): void {
    const weights = this.#scene.traffic.map(({ revision, weight }) => `r${revision} ${weight} %`).join(', ');
    if (weights !== this.#weights) this.#tell(`   traffic: ${weights}`, 'accent');
    this.#weights = weights;
  }

  #draw(): void {
    const { stdout } = this.#context;
    this.#scene.elapsedMs = this.elapsedMs;
    stdout.redraw(this.#terminal.picture((frame) => sceneLines(this.#scene, frame), stdout));
  }
}
