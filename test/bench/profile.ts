import { type Profiler, Session } from 'node:inspector';

/** Where the processor's time of one process went, in shares (0 to 1) of the time in which it worked. */
export interface ProfileShares {
  /** ms in which it was not idle. */
  readonly busyMs: number;
  /** By folder of ours, package, or part of Node; the largest first. */
  readonly modules: readonly (readonly [string, number])[];
  readonly functions: readonly (readonly [string, number])[];
}

/** Begins to sample this process; the function ends it. */
export function startProfile(): () => Promise<ProfileShares> {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: 500 });
  session.post('Profiler.start');
  return () =>
    new Promise((resolve, reject) => {
      session.post('Profiler.stop', (error, { profile }) => {
        session.disconnect();
        if (error) reject(error);
        else resolve(sharesOf(profile));
      });
    });
}

type Frame = Profiler.Profile['nodes'][number]['callFrame'];

/** What has no place of its own (natives) counts for the nearest caller that has one. */
function callersWithPlace(profile: Profiler.Profile): Map<number, Frame> {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id])));
  const placed = new Map<number, Frame>();
  for (const node of profile.nodes) {
    let at: number | undefined = node.id;
    while (at !== undefined && nodes.get(at)?.callFrame.url === '') at = parents.get(at);
    const found = at === undefined ? undefined : nodes.get(at)?.callFrame;
    placed.set(node.id, node.callFrame.functionName.startsWith('(') || !found ? node.callFrame : found);
  }
  return placed;
}

function sharesOf(profile: Profiler.Profile): ProfileShares {
  const frames = new Map(profile.nodes.map((node) => [node.id, node.callFrame]));
  const placed = callersWithPlace(profile);
  const modules = new Map<string, number>();
  const functions = new Map<string, number>();
  let busy = 0;
  for (const [index, id] of (profile.samples ?? []).entries()) {
    const [frame, place] = [frames.get(id), placed.get(id)];
    const microseconds = profile.timeDeltas?.[index] ?? 0;
    // Beginning to sample is itself sampled.
    if (!frame || !place || frame.functionName === '(idle)' || place.url === 'node:inspector') continue;
    busy += microseconds;
    const module = moduleOf(place);
    modules.set(module, (modules.get(module) ?? 0) + microseconds);
    const name = `${frame.functionName || '(anonymous)'} ${placeOf(place)}`.trim();
    functions.set(name, (functions.get(name) ?? 0) + microseconds);
  }
  return { busyMs: busy / 1000, modules: largest(modules, busy, 12), functions: largest(functions, busy, 15) };
}

function largest(times: ReadonlyMap<string, number>, whole: number, count: number): [string, number][] {
  return [...times]
    .sort((a, b) => b[1] - a[1])
    .slice(0, count)
    .map(([name, time]) => [name, time / whole]);
}

function moduleOf({ url, functionName }: Frame): string {
  if (url === '') return functionName.startsWith('(') ? functionName : 'V8 built-ins';
  const installed = url.lastIndexOf('/node_modules/');
  if (installed !== -1) {
    const [first = '', second = ''] = url.slice(installed + '/node_modules/'.length).split('/');
    return first.startsWith('@') ? `${first}/${second}` : first;
  }
  if (url.startsWith('node:')) return url.split('/').slice(0, 2).join('/');
  return /\/(src\/[^/]+(?:\/[^/]+(?=\/))?|test\/bench)/.exec(url)?.[1] ?? url;
}

function placeOf({ url, lineNumber }: Frame): string {
  if (url === '') return '';
  const place = url.replace(/^.*\/node_modules\//, '').replace(/^.*\/(?=(?:src|test)\/)/, '');
  return `(${place}:${lineNumber + 1})`;
}

/** Lines for people. */
export function describeProfile({ busyMs, modules, functions }: ProfileShares, each: number): string[] {
  const percent = ([name, share]: readonly [string, number]) => `${name} ${(share * 100).toFixed(1)} %`;
  return [
    `  profile: ${(busyMs / each).toFixed(0)} ms each; by module: ${modules.map(percent).join(', ')}`,
    ...functions.map((one) => `    ${percent(one)}`),
  ];
}
