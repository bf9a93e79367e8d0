/**
 * Lights the parts of a drawn statechart. It may be asked sixty times a second, so it keeps what it
 * has lit and touches only what differs.
 */
import type { Label, LaidOutArrow, LaidOutChart } from '../diagram/laid-out.ts';
import type { ChartTimer } from './statechart.tsx';

export interface Lamps {
  light(active: Iterable<string>): void;
  flash(transitions: readonly string[]): void;
  drain(timers: readonly ChartTimer[], nowMs: number): void;
}

const FLASH_MS = 900;
/** Each has the chart painted again: a smooth one would, with every picture. */
const FLASH_EASING = 'steps(12)';
const FLASH = [{ '--flash': 1 }, { '--flash': 0 }];

interface Spoken {
  readonly label: Label;
  readonly element: Element;
}

interface Pointed {
  readonly arrow: LaidOutArrow;
  readonly element: Element;
}

/** The elements stand in the document as they stand in the chart. */
export function lampsOf(frame: Element, chart: LaidOutChart): Lamps {
  const all = (selector: string) => [...frame.querySelectorAll(selector)];
  const states = new Map(all('.state').map((element, at) => [chart.boxes[at]?.state, element]));
  const [outermost, ...inner] = chart.boxes;
  const drawn = [...(outermost === undefined ? [] : [outermost]), ...chart.arrows, ...inner];
  const labels = drawn.flatMap((each) => each.labels);
  const spoken = all('.saying').map((element, at): Spoken => ({ element, label: labels[at]! }));
  const pointed = all('.arrow').map(
    (element, at): Pointed => ({ element, arrow: chart.arrows[at]! }),
  );
  return {
    light: switched('is-active', (id) => [states.get(id)]),
    flash: flashing((id) => [
      ...spoken.filter(({ label }) => label.transitions.includes(id)).map(({ element }) => element),
      ...pointed
        .filter(({ arrow }) => arrow.transitions.includes(id))
        .map(({ element }) => element),
    ]),
    drain: draining(spoken, pointed),
  };
}

type Find = (id: string) => readonly (Element | undefined)[];

/** Sets a class on what is named, and takes it from what no longer is. */
function switched(name: string, find: Find): (ids: Iterable<string>) => void {
  let lit = new Set<string>();
  return (ids) => {
    const wanted = new Set(ids);
    for (const id of lit)
      if (!wanted.has(id)) for (const each of find(id)) each?.classList.remove(name);
    for (const id of wanted)
      if (!lit.has(id)) for (const each of find(id)) each?.classList.add(name);
    lit = wanted;
  };
}

/** What was taken last stays marked; the flash itself is over in a moment. */
function flashing(find: Find): (ids: readonly string[]) => void {
  const mark = switched('is-taken', find);
  const isCalm = matchMedia('(prefers-reduced-motion: reduce)');
  // Asking an element for its animations would have the whole page laid out, each time.
  const flashes = new Map<Element, Animation>();
  return (ids) => {
    mark(ids);
    if (isCalm.matches) return;
    for (const element of ids.flatMap(find)) {
      if (element === undefined) continue;
      flashes.get(element)?.cancel();
      flashes.set(element, element.animate(FLASH, { duration: FLASH_MS, easing: FLASH_EASING }));
    }
  };
}

function draining(
  spoken: readonly Spoken[],
  pointed: readonly Pointed[],
): (timers: readonly ChartTimer[], nowMs: number) => void {
  let running: readonly Fuse[] = [];
  const fuses = fusesOf(spoken, pointed);
  return (timers, nowMs) => {
    const burning = timers.flatMap((timer) => {
      const left = shareLeft(timer, nowMs);
      const own = fuses.filter(
        ({ delay, state }) => delay === timer.delay && state === timer.state,
      );
      for (const fuse of own) fuse.show(left);
      return own;
    });
    for (const fuse of running) if (!burning.includes(fuse)) fuse.show(0);
    running = burning;
  };
}

/** A part of the picture that shows how much of a delay is left. */
interface Fuse {
  readonly delay: string;
  readonly state: string;
  show(left: number): void;
}

function fusesOf(spoken: readonly Spoken[], pointed: readonly Pointed[]): readonly Fuse[] {
  const bars = spoken.flatMap(({ label, element }): Fuse[] => {
    const bar = element.querySelector('.fuse');
    if (label.delay === null || bar === null) return [];
    const { delay, state, width } = label;
    return [{ delay, state, show: (left) => bar.setAttribute('width', String(width * left)) }];
  });
  const shafts = pointed.flatMap(({ arrow, element }): Fuse[] => {
    const shaft = element.querySelector<SVGPathElement>('.fuse');
    const delayed = arrow.labels.find(({ delay }) => delay !== null);
    if (delayed === undefined || shaft === null) return [];
    const show = (left: number) => {
      shaft.style.visibility = left > 0 ? 'visible' : '';
      shaft.style.strokeDasharray = `${left} 2`;
      shaft.style.strokeDashoffset = String(left - 1);
    };
    return [{ delay: delayed.delay ?? '', state: delayed.state, show }];
  });
  return [...bars, ...shafts];
}

function shareLeft({ startedAtMs, dueAtMs }: ChartTimer, nowMs: number): number {
  if (dueAtMs <= startedAtMs) return 0;
  return Math.min(1, Math.max(0, (dueAtMs - nowMs) / (dueAtMs - startedAtMs)));
}
