/**
 * What moves between two events: messages on their way, and timers running out. It touches the
 * attributes themselves, sixty times a second; everything else on the page is drawn per event.
 */
import { termClass } from '../../../pages/term.ts';
import type { Flight, Frame, Landing } from '../../frame.ts';
import { type Geometry, onTheWay } from './geometry.ts';
import { shapeOf, termOf } from './message-shape.ts';

const SVG = 'http://www.w3.org/2000/svg';
const BURST = 'M-4-4L-8-8M4-4L8-8M4 4L8 8M-4 4L-8 8M0-5V-10M0 5V10M-5 0H-10M5 0H10';
/** Where a message on a cut link is seen to burst. */
const HALF_WAY = 0.5;

interface Mark {
  readonly group: SVGGElement;
  flight: Flight;
}

function element(name: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function glyph({ message, number }: Flight): SVGGElement {
  const { path, isReply, sign } = shapeOf(message);
  const group = element('g', {
    class: `message ${isReply ? 'is-reply' : ''} ${termClass(termOf(message))}`,
    'data-flight': String(number),
    'aria-hidden': 'true', // The list of messages tells the same.
  }) as SVGGElement;
  group.append(
    element('circle', { class: 'message-target', r: '14' }),
    element('path', { class: 'message-trail', d: 'M-9 0H-24' }),
    element('path', { class: 'message-shape', d: path }),
  );
  if (sign !== '') {
    const text = element('text', { class: 'message-sign', y: '4' });
    text.textContent = sign;
    group.append(text);
  }
  return group;
}

export class Motion {
  readonly #layer: SVGGElement;
  readonly #arcs: ReadonlyMap<string, SVGElement>;
  readonly #marks = new Map<number, Mark>();
  #geometry: Geometry;
  #frame: Frame | null = null;
  #bursts: SVGElement[] = [];

  constructor(
    layer: SVGGElement,
    arcs: ReadonlyMap<string, SVGElement>,
    geometry: Geometry,
    onFlight: (number: number) => void,
  ) {
    this.#layer = layer;
    this.#arcs = arcs;
    this.#geometry = geometry;
    layer.addEventListener('click', ({ target }) => {
      const mark = target instanceof Element ? target.closest('[data-flight]') : null;
      if (mark !== null) onFlight(Number(mark.getAttribute('data-flight')));
    });
  }

  /** The ring has another size, or other servers: every message is drawn anew. */
  place(geometry: Geometry): void {
    this.#geometry = geometry;
    for (const { group } of this.#marks.values()) group.remove();
    this.#marks.clear();
    this.#clearBursts();
    this.#frame = null;
  }

  /** `passed` are the frames since the last one shown, with this one: what was lost meanwhile. */
  show(frame: Frame, passed: readonly Frame[], isPlaying: boolean, selected: number | null): void {
    if (frame !== this.#frame) {
      this.#frame = frame;
      this.#reconcile(frame.flights);
      if (!isPlaying) this.#clearBursts();
      for (const each of passed) {
        for (const landing of each.landings) this.#lose(landing, each.atMs, isPlaying);
      }
    }
    for (const [number, { group }] of this.#marks) {
      group.classList.toggle('is-selected', number === selected);
    }
  }

  move(nowMs: number): void {
    for (const { group, flight } of this.#marks.values()) {
      const { sentAtMs, dueAtMs, message } = flight;
      const progress = (nowMs - sentAtMs) / Math.max(dueAtMs - sentAtMs, 0.001);
      const { x, y } = onTheWay(this.#geometry, message.from, message.to, progress);
      group.setAttribute('transform', `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
    }
    for (const server of this.#frame?.servers ?? []) {
      const arc = this.#arcs.get(server.id);
      const timer = server.timers.find(({ actor }) => actor === 'server');
      if (arc === undefined || timer === undefined) continue;
      const whole = Math.max(timer.dueAtMs - timer.startedAtMs, 0.001);
      const left = Math.min(Math.max((timer.dueAtMs - nowMs) / whole, 0), 1);
      arc.setAttribute('stroke-dashoffset', (1 - left).toFixed(4));
    }
  }

  #reconcile(flights: readonly Flight[]): void {
    const present = new Set(flights.map(({ number }) => number));
    for (const [number, { group }] of this.#marks) {
      if (present.has(number)) continue;
      group.remove();
      this.#marks.delete(number);
    }
    for (const flight of flights) {
      const mark = this.#marks.get(flight.number);
      if (mark?.flight.message === flight.message) {
        mark.flight = flight;
        continue;
      }
      mark?.group.remove();
      const group = glyph(flight);
      const { angle } = onTheWay(this.#geometry, flight.message.from, flight.message.to, 0);
      group
        .querySelector('.message-trail')
        ?.setAttribute('transform', `rotate(${angle.toFixed(1)})`);
      this.#layer.append(group);
      this.#marks.set(flight.number, { group, flight });
    }
  }

  #lose({ flight, outcome }: Landing, atMs: number, isPlaying: boolean): void {
    if (outcome === 'arrived') return;
    const { message, sentAtMs, dueAtMs } = flight;
    const travelled = (atMs - sentAtMs) / Math.max(dueAtMs - sentAtMs, 0.001);
    const progress = outcome === 'cut' ? HALF_WAY : travelled;
    const { x, y } = onTheWay(this.#geometry, message.from, message.to, progress);
    const burst = element('path', {
      class: isPlaying ? 'message-lost is-fading' : 'message-lost',
      d: BURST,
      transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`,
    });
    burst.addEventListener('animationend', () => burst.remove());
    this.#layer.append(burst);
    this.#bursts.push(burst);
  }

  #clearBursts(): void {
    for (const burst of this.#bursts) burst.remove();
    this.#bursts = [];
  }
}
