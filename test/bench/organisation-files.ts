import { createHash } from 'node:crypto';
import type { AppContext, AppSettings } from '../../src/app/context.ts';
import { createOrganisations } from '../../src/app/organisation/read-organisations.ts';
import { fullName, type Project } from '../../src/model/project.ts';
import { type Sha, toSha } from '../../src/model/sha.ts';
import type { Source, TreeEntry } from '../../src/ports/source.ts';
import { defaultConfig, parseConfig } from '../../src/project-config.ts';
import { aProject } from '../fakes/model-data.ts';

/** Who says what the jobs of a repository are: the repository, the organisation's file for it, or its templates alone. */
export type Shape = 'own' | 'above' | 'chosen';

const jobsEach = 20;
const images = ['docker.io/library/golang:1.24', 'docker.io/library/node:24', 'quay.io/acme/tools:v3'];

/** As people write them: most with a matcher, some that wait for others, one with a matrix. */
function jobLines(name: string, index: number): readonly string[] {
  const needs = index % 5 === 4 ? [`    needs: [${name}-${index - 1}, ${name}-${index - 2}]`] : [];
  const matrix = index === 7 ? ['    matrix: { go: ["1.23", "1.24"], os: [bookworm, alpine] }'] : [];
  const only = index % 3 === 0 ? [] : [`    onlyIf: { paths: ["cmd/${name}-${index}/**", "pkg/**/*.go", go.mod] }`];
  return [
    `  ${name}-${index}:`,
    '    on: [presubmit, gate]',
    `    image: ${images[index % images.length]}`,
    `    run: make ${name} PART=${index}`,
    `    env: { GOFLAGS: -mod=vendor, PART: "${index}" }`,
    '    resources: { cpu: 2, memory: 4Gi }',
    '    timeout: 30m',
    ...needs,
    ...matrix,
    ...only,
  ];
}

function jobs(name: string, from: number, to: number): readonly string[] {
  return Array.from({ length: to - from }, (_, index) => jobLines(name, from + index)).flat();
}

const inside = (lines: readonly string[], by: string): string => lines.map((line) => `${by}${line}`).join('\n');

/** Two templates of ten jobs, chosen for every repository; `round` makes it another file. */
function organisationText(round: number): string {
  return [
    `# ${round}`,
    'defaults: { gate: { requires: { approvals: 2 } } }',
    'templates:',
    '  build@v1:',
    `    jobs:\n${inside(jobs('build', 0, jobsEach / 2), '    ')}`,
    '  test@v1:',
    `    jobs:\n${inside(jobs('test', 0, jobsEach / 2), '    ')}`,
    'repos:',
    '  - { match: { name: "chosen-*", hasFile: Makefile }, apply: [build@v1, test@v1] }',
    '',
  ].join('\n');
}

function fileOf(name: string): string {
  return [
    'images:',
    `  - { name: ${name}, repository: quay.io/acme/${name} }`,
    'jobs:',
    ...jobs(name, 0, jobsEach),
    '',
  ].join('\n');
}

export function shaOf(words: string): Sha {
  return toSha(createHash('sha1').update(words).digest('hex'));
}

/** An organisation whose files are in memory. */
export interface BenchOrganisation {
  readonly projects: readonly Project[];
  readonly context: AppContext;
  /** Another version of the organisation's file counts from now on. */
  push(): void;
}

const entryOf = (text: string | null): TreeEntry =>
  text === null ? { kind: 'missing' } : { kind: 'file', executable: false, bytes: Buffer.byteLength(text) };

function named(shape: Shape, count: number): readonly Project[] {
  return Array.from({ length: count }, (_, index) => {
    const name = `${shape}-${index}`;
    return aProject({ id: index + 2, owner: 'acme', name, installation: 1 });
  });
}

/** So many repositories of one shape, each of 20 jobs, under an organisation. */
export function benchOrganisation(shape: Shape, count: number): BenchOrganisation {
  const projects = named(shape, count);
  const own = aProject({ id: 1, owner: 'acme', name: '.sluice', installation: 1 });
  let round = 0;
  const textOf = ({ id, name }: Project, path: string): string | null => {
    if (id === own.id && path === 'sluice.yaml') return organisationText(round);
    if (id === own.id)
      return shape === 'above' && path === `repos/${path.slice(6, -5)}.yaml` ? fileOf(path.slice(6, -5)) : null;
    if (path === '.sluice.yaml') return shape === 'own' ? fileOf(name) : null;
    return path === 'Makefile' ? 'all:\n' : path === 'Dockerfile' ? 'FROM scratch\n' : null;
  };
  const source: Pick<Source, 'entries' | 'readText' | 'tipOf'> = {
    entries: async (project, _at, paths) => new Map(paths.map((path) => [path, entryOf(textOf(project, path))])),
    readText: async (project, _at, path) => textOf(project, path),
    tipOf: async (project) => shaOf(`${fullName(project)} ${project === own ? round : 0}`),
  };
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const settings: Pick<AppSettings, 'allows' | 'parseConfig' | 'defaultConfig'> = {
    allows: () => true,
    parseConfig: (text, repository, file, organisation) =>
      parseConfig(text, repository, file, { staging: null, organisation }),
    defaultConfig: (repository, file, organisation) => defaultConfig(repository, file, { staging: null, organisation }),
  };
  const ports = { source, log, clock: { now: Date.now } } as unknown as AppContext['ports'];
  const memory = { listed: async () => [own, ...projects] };
  const organisations = createOrganisations(ports, settings, memory, () => undefined);
  const pool = { builder: 'kaniko' };
  const context = { ports, settings: { ...settings, pool }, organisations } as unknown as AppContext;
  return {
    projects,
    context,
    push() {
      round += 1;
    },
  };
}
