/**
 * A laid-out chart as an SVG file that needs nothing else: its colours follow the reader's, light or
 * dark, and screen readers are told what it shows. States and transitions bear their ids.
 */
import type { Box, Label, LaidOutArrow, LaidOutChart, Start } from './laid-out.ts';
import { headOfArrow, pathThrough } from './shapes.ts';
import { FONTS, TEXT, TITLE } from './text.ts';

export function svgOf(chart: LaidOutChart): string {
  const { id, width, height, boxes, arrows, starts } = chart;
  const named = namesOnce();
  const [outermost, inner] = [boxes.slice(0, 1), boxes.slice(1)];
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" class="statecraft-chart" role="img" ` +
      `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${escaped(`Statechart of ${id}`)}</title>`,
    `<desc>${escaped(descriptionOf(chart))}</desc>`,
    `<style>${style}</style>`,
    // The text in boxes is written over the arrows that cross it, and stays readable.
    ...outermost.map((box) => boxSvg(box, named)),
    ...starts.map(startSvg),
    ...arrows.map((arrow) => arrowSvg(arrow, named)),
    ...inner.map((box) => boxSvg(box, named)),
    '</svg>',
  ];
  return `${lines.join('\n')}\n`;
}

const colours = {
  light: { paper: '#ffffff', ink: '#1d2327', soft: '#5c666e', line: '#b4b0a8', guard: '#0b66a8' },
  dark: { paper: '#1b1f23', ink: '#e9ebed', soft: '#a4adb5', line: '#59626b', guard: '#74bdf2' },
} as const;

/** Colours are written out, for programs that draw SVG without knowing variables. */
function colouring({ paper, ink, soft, line, guard }: Readonly<Record<string, string>>): string {
  return rules([
    ['text', `fill:${ink}`],
    ['.guard', `fill:${guard}`],
    ['.action', `fill:${soft}`],
    ['.else', `fill:${soft}`],
    ['.word', `fill:${soft}`],
    ['rect', `fill:${paper};stroke:${line}`],
    ['.inner.open>rect', 'fill:none'],
    ['.open text', `stroke:${paper}`],
    ['.rule', `stroke:${line}`],
    ['.shaft', `stroke:${soft}`],
    ['.tip', `fill:${soft}`],
    ['circle', `fill:${soft}`],
  ]);
}

const style = [
  rules([
    ['text', `font:${TEXT.size}px ${FONTS}`],
    ['.name', `font-size:${TITLE.size}px;font-weight:600`],
    ['.region>rect', 'stroke-dasharray:5 4'],
    ['.rule', 'stroke-width:.5'],
    ['.shaft', 'fill:none'],
    ['.open text', 'paint-order:stroke;stroke-width:4px;stroke-linejoin:round'],
  ]),
  colouring(colours.light),
  `@media(prefers-color-scheme:dark){${colouring(colours.dark)}}`,
].join('');

/** For this picture only, also where it stands in a page among others. */
function rules(list: readonly (readonly [selector: string, declarations: string])[]): string {
  return list.map(([selector, said]) => `.statecraft-chart ${selector}{${said}}`).join('');
}

type Naming = (id: string) => string;

/** An id may be borne once; blanks are not allowed in one. */
function namesOnce(): Naming {
  const borne = new Set<string>();
  return (id) => {
    if (borne.has(id)) return '';
    borne.add(id);
    return ` id="${escaped(id.replaceAll(/\s/g, '_'))}"`;
  };
}

function boxSvg(box: Box, named: Naming): string {
  const { x, y, width, height, headHeight, kind, depth, title, name, state, labels } = box;
  const inner =
    kind === 'final'
      ? `<rect x="${x + 3}" y="${y + 3}" width="${width - 6}" height="${height - 6}" rx="6"/>`
      : '';
  const isDivided = headHeight < height;
  const rule = `<path class="rule" d="M${x} ${y + headHeight}h${width}"/>`;
  return [
    `<g${named(state)} class="state ${kind}${isDivided ? ' open' : ''}${depth > 0 ? ' inner' : ''}">`,
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="9"/>${inner}`,
    isDivided ? rule : '',
    `<text class="name" x="${title.x}" y="${title.y}">${escaped(name)}</text>`,
    ...labels.map((label) => labelSvg(label, named)),
    '</g>',
  ].join('');
}

function startSvg({ dot, points }: Start): string {
  const path = pathThrough(points);
  return (
    `<g class="start"><circle cx="${dot.x}" cy="${dot.y}" r="4"/>` +
    `<path class="shaft" d="${path}"/><path class="tip" d="${headOfArrow(points)}"/></g>`
  );
}

function arrowSvg({ transitions, points, labels }: LaidOutArrow, named: Naming): string {
  const said = labels.flatMap((label) => label.transitions);
  const [unsaid] = transitions.filter((id) => !said.includes(id));
  return [
    `<g${unsaid === undefined ? '' : named(unsaid)} class="arrow">`,
    `<path class="shaft" d="${pathThrough(points)}"/><path class="tip" d="${headOfArrow(points)}"/>`,
    ...labels.map((label) => labelSvg(label, named)),
    '</g>',
  ].join('');
}

function labelSvg({ rows, transitions: [first] }: Label, named: Naming): string {
  const texts = rows.map(({ x, y, parts }) => {
    const spans = parts.map(({ kind, text }, at) => {
      return `<tspan class="${kind}">${at === 0 ? '' : ' '}${escaped(text)}</tspan>`;
    });
    return `<text x="${x}" y="${y}">${spans.join('')}</text>`;
  });
  return `<g${first === undefined ? '' : named(first)}>${texts.join('')}</g>`;
}

/** The states in a sentence, those inside another one after a colon in brackets. */
function descriptionOf({ boxes }: LaidOutChart): string {
  const inner = boxes.filter(({ depth }) => depth > 0).map(({ name }) => name);
  return inner.length === 0 ? 'One state.' : `States: ${inner.join(', ')}.`;
}

/** Names come from anywhere; what XML does not allow at all is left out. */
function escaped(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
