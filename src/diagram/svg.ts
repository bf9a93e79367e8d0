/** A laid-out chart as SVG text. */
import type { Label, LaidOutChart, Point } from './laid-out.ts';
import { FONTS, TEXT, TITLE } from './text.ts';

const esc = (s: string) =>
  s
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
const path = (points: readonly Point[]) =>
  points.map(({ x, y }, i) => `${i ? 'L' : 'M'}${x} ${y}`).join('');
const text = (label: Label) =>
  label.rows
    .map(
      (r) =>
        `<text x="${r.x}" y="${r.y}">${r.parts.map((p, i) => `<tspan class="${p.kind}">${i ? ' ' : ''}${esc(p.text)}</tspan>`).join('')}</text>`,
    )
    .join('');
export function svg(chart: LaidOutChart): string {
  const out = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${chart.width} ${chart.height}" width="${chart.width}" height="${chart.height}">`,
    `<style>svg{background:#fff}text{font-family:${FONTS};font-size:${TEXT.size}px;white-space:pre}.t{font-size:${TITLE.size}px;font-weight:bold}.guard{fill:#0072b2}.action{fill:#777}.target{fill:#d55e00}.word{fill:#999}rect{fill:#fff;fill-opacity:.6;stroke:#999}path{fill:none;stroke:#555}.region{stroke-dasharray:4 3}</style><defs><marker id="a" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" style="fill:#555"/></marker></defs>`,
  ];
  for (const b of chart.boxes)
    out.push(
      `<rect class="${b.kind}" x="${b.x}" y="${b.y}" width="${b.width}" height="${b.height}" rx="8"/><text class="t" x="${b.title.x}" y="${b.title.y}">${esc(b.name)}</text>`,
      ...b.labels.map(text),
    );
  for (const a of chart.arrows)
    out.push(`<path marker-end="url(#a)" d="${path(a.points)}"/>`, ...a.labels.map(text));
  for (const s of chart.starts)
    out.push(
      `<circle cx="${s.dot.x}" cy="${s.dot.y}" r="4"/><path marker-end="url(#a)" d="${path(s.points)}"/>`,
    );
  out.push('</svg>');
  return out.join('\n');
}
