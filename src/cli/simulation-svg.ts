import type { PolicyResult, Simulation } from '../core/simulate/simulate.ts';
import { longestTurnaround } from './draw-simulation.ts';

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Point {
  /** From 0 to 1, left to right and bottom to top. */
  readonly x: number;
  readonly y: number;
}

const colours = [
  '#d7263d',
  '#8d99ae',
  '#1b7f79',
  '#b07d2b',
  '#7b4fa3',
  '#2f6fd0',
  '#62a8e5',
  '#12355b',
  '#e08e45',
  '#3f8f3a',
  '#222222',
  '#c2185b',
  '#00a3a3',
  '#9e9d24',
  '#5d4037',
  '#ff7f50',
  '#546e7a',
];
const left: Box = { x: 60, y: 60, width: 460, height: 320 };
const right: Box = { x: 600, y: 60, width: 460, height: 320 };
const shortest = 5;
const ticks = [5, 10, 30, 60, 120, 300, 600, 1_440, 4_320, 10_080];

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function text(x: number, y: number, words: string, anchor: 'start' | 'middle' | 'end' = 'start', size = 12): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" font-size="${size}">${escaped(words)}</text>`;
}

/** A line that keeps its height until the next point. */
function stepLine({ x, y, width, height }: Box, points: readonly Point[], colour: string, isOurs: boolean): string {
  const across = (point: Point): string => (x + point.x * width).toFixed(1);
  const up = (point: Point): string => (y + (1 - point.y) * height).toFixed(1);
  const path = points.map((point, at) =>
    at === 0 ? `M${across(point)} ${up(point)}` : `H${across(point)}V${up(point)}`,
  );
  return `<path d="${path.join('')}" fill="none" stroke="${colour}" stroke-width="${isOurs ? 3 : 1.5}"/>`;
}

function frame({ x, y, width, height }: Box, title: string): string {
  const rect = `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="none" stroke="#999"/>`;
  return rect + text(x, y - 14, title, 'start', 14);
}

function acrossTicks({ x, y, width, height }: Box, marks: readonly { at: number; label: string }[]): string {
  const lines = marks.map(({ at, label }) => {
    const to = (x + at * width).toFixed(1);
    return `<path d="M${to} ${y}v${height}" stroke="#eee"/>${text(x + at * width, y + height + 18, label, 'middle')}`;
  });
  return lines.join('');
}

function upTicks({ x, y, height }: Box, most: number, unit: string): string {
  return [0, 0.5, 1]
    .map((share) => text(x - 6, y + (1 - share) * height + 4, `${Math.round(share * most)}${unit}`, 'end'))
    .join('');
}

function turnaroundPanel(simulation: Simulation): string {
  const longest = longestTurnaround(simulation);
  const place = (minutes: number): number =>
    Math.min(1, Math.max(0, Math.log(minutes / shortest) / Math.log(longest / shortest)));
  const curve = ({ turnarounds }: PolicyResult): readonly Point[] => [
    { x: 0, y: 0 },
    ...turnarounds.map((minutes, at) => ({ x: place(minutes), y: (at + 1) / turnarounds.length })),
    { x: 1, y: turnarounds.length === 0 ? 0 : 1 },
  ];
  const marks = ticks
    .filter((minutes) => minutes <= longest)
    .map((minutes) => ({ at: place(minutes), label: minutes < 120 ? `${minutes} min` : `${minutes / 60} h` }));
  const title = 'Share of the changes that have landed after so long';
  return frame(left, title) + upTicks(left, 100, '%') + acrossTicks(left, marks) + lines(simulation, left, curve);
}

function queuePanel(simulation: Simulation): string {
  const { span, results } = simulation;
  const most = Math.max(1, ...results.flatMap(({ queueLength }) => queueLength.map(({ waiting }) => waiting)));
  const curve = ({ queueLength }: PolicyResult): readonly Point[] => [
    { x: 0, y: 0 },
    ...queueLength.map(({ at, waiting }) => ({ x: at / span.end, y: waiting / most })),
    { x: 1, y: (queueLength.at(-1)?.waiting ?? 0) / most },
  ];
  const marks = [0, 0.25, 0.5, 0.75, 1].map((at) => ({ at, label: `${Math.round((at * span.end) / 60)} h` }));
  const title = `Changes in the queue (nothing arrives after ${Math.round(span.to / 60)} h)`;
  return frame(right, title) + upTicks(right, most, '') + acrossTicks(right, marks) + lines(simulation, right, curve);
}

function lines({ results }: Simulation, box: Box, curve: (result: PolicyResult) => readonly Point[]): string {
  return results
    .map((result, at) => stepLine(box, curve(result), colours[at % colours.length] ?? '#000', at === 0))
    .reverse()
    .join('');
}

function legend({ results }: Simulation): string {
  return results
    .map(({ figures, about }, at) => {
      const [x, y] = [60, 440 + at * 20];
      const line = `<path d="M${x} ${y - 4}h24" stroke="${colours[at % colours.length]}" stroke-width="3"/>`;
      return line + text(x + 32, y, `${figures.name}: ${about}`, 'start', 11);
    })
    .join('');
}

/** A picture of a simulation: how soon changes land, and how long the queue is. Made of text alone, for any browser. */
export function simulationSvg(simulation: Simulation): string {
  const height = 450 + simulation.results.length * 20;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1120 ${height}" font-family="sans-serif" fill="#222">`,
    `<rect width="1120" height="${height}" fill="#fff"/>`,
    turnaroundPanel(simulation),
    queuePanel(simulation),
    legend(simulation),
    '</svg>\n',
  ].join('\n');
}
