import { readdirSync, readFileSync } from 'node:fs';
import { parseProjectConfig } from '../../src/config/parse-project-config.ts';
import { renderProblem } from '../../src/config/render-problem.ts';
import type { ConfigState } from '../../src/model/config.ts';

export const fixtures = new URL('../fixtures/config/', import.meta.url);

/** Names of the YAML files of one folder of fixtures, without ending. */
export function fixtureNames(folder: string): string[] {
  const files = readdirSync(new URL(`${folder}/`, fixtures));
  return files.filter((file) => file.endsWith('.yaml')).map((file) => file.slice(0, -'.yaml'.length));
}

export function readFixture(folder: string, name: string): string {
  return readFileSync(new URL(`${folder}/${name}`, fixtures), 'utf8');
}

/** Parses text as the configuration of a repository called `shop`. */
export function parse(text: string | Uint8Array): ConfigState {
  return parseProjectConfig(text, { file: '.sluice.yaml', repositoryName: 'shop' });
}

/** All problems of a text as a terminal shows them; throws when there are none. */
export function complaints(text: string): string {
  const state = parse(text);
  if (state.kind !== 'invalid') throw new Error(`expected problems, the configuration is ${state.kind}`);
  return `${state.problems.map((problem) => renderProblem(problem, text)).join('\n\n')}\n`;
}

/** `line:column message` of every problem. */
export function shortComplaints(text: string | Uint8Array): string[] {
  const state = parse(text);
  return state.kind === 'invalid'
    ? state.problems.map(({ line, column, message }) => `${line}:${column} ${message}`)
    : [];
}
