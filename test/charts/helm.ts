import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { clusterFolder } from '../cluster/cluster-program.ts';

export const chart = join(import.meta.dirname, '../../charts/sluice');

/** What a chart is given, as in a file of values. */
export type Values = Readonly<Record<string, unknown>>;

/** A rendered object; what is looked at is narrowed where it is looked at. */
export interface Rendered {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: any kind of object, from another program
  readonly [field: string]: any;
}

/** The least that an operator must say. */
export const leastValues: Values = {
  image: { repository: 'registry.acme.io/sluice' },
  builds: { stepImage: 'registry.acme.io/sluice-steps:0.1.0', kanikoImage: 'registry.acme.io/kaniko:v1.24.0' },
};

/** Builds by BuildKit in a namespace of this name. */
export function byBuildkit(form: 'user-namespace' | 'rootless' = 'user-namespace', name = 'sluice-builds'): Values {
  const namespace = {
    name,
    create: true,
    trust: ['untrusted', 'approved', 'trusted'],
    podSecurity: 'privileged',
    quota: { pods: '50' },
    limits: {},
  };
  const buildkitImage = 'registry.acme.io/buildkit:v0.26.3';
  return { builds: { builder: 'buildkit', buildkitImage, buildkitForm: form, namespaces: [namespace] } };
}

/** Beside the cluster's other programs, or on the PATH; null: nowhere. */
export function findHelm(): string | null {
  const folders = [join(clusterFolder, 'bin'), ...(process.env.PATH ?? '').split(delimiter)];
  const isProgram = (file: string): boolean => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  return folders.map((folder) => join(folder, 'helm')).find(isProgram) ?? null;
}

const lacking = 'helm is neither on the PATH nor beside the test cluster, whose `test/cluster/cluster build` makes it';
const isHere = findHelm() !== null;
if (!isHere) process.stderr.write(`\n*** THE CHART IS NOT TESTED: ${lacking} ***\n\n`);

/** For the title of what is then skipped; null: helm is here. */
export const helmAbsence = isHere ? null : `NOT TESTED: ${lacking}`;

/** One call of helm, that neither reads nor writes what belongs to whoever runs the tests. */
async function helm(words: readonly string[], values: Values) {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-helm-'));
  try {
    const file = join(folder, 'values.yaml');
    await writeFile(file, stringify(values));
    const env = { HOME: folder, PATH: process.env.PATH ?? '', KUBECONFIG: join(folder, 'none') };
    return await new Promise<{ code: number; out: string; err: string }>((resolve) => {
      execFile(findHelm() ?? 'helm', [...words, '--values', file], { env, maxBuffer: 1 << 24 }, (error, out, err) =>
        resolve({ code: error === null ? 0 : Number(error.code), out, err }),
      );
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

const place = ['template', 'sluice', chart, '--namespace', 'ci', '--kube-version', '1.35.0'];

const rendered = new Map<string, Promise<readonly Rendered[]>>();

/** What would be installed as the release `sluice` in the namespace `ci`; throws helm's words where it refuses. The same values are rendered once. */
export function render(values: Values = {}): Promise<readonly Rendered[]> {
  const key = JSON.stringify(values);
  const objects = rendered.get(key) ?? renderAnew(values);
  rendered.set(key, objects);
  return objects;
}

async function renderAnew(values: Values): Promise<readonly Rendered[]> {
  const { code, out, err } = await helm(place, merge(leastValues, values));
  if (code !== 0) throw new Error(err);
  // As Kubernetes reads it: 0440 is octal.
  return parseAllDocuments(out, { version: '1.1' }).flatMap((document) => {
    if (document.errors[0] !== undefined) throw document.errors[0];
    const object = document.toJS() as Rendered | null;
    return object === null ? [] : [object];
  });
}

/** Helm's words where it refuses to render; null where it does not. */
export async function refusal(values: Values): Promise<string | null> {
  const { code, err } = await helm(place, merge(leastValues, values));
  return code === 0 ? null : err;
}

/** What `helm lint --strict` says; the code is 0 where nothing is wrong. */
export async function lint(values: Values): Promise<{ readonly code: number; readonly said: string }> {
  const { code, out, err } = await helm(['lint', chart, '--strict', '--kube-version', '1.35.0'], values);
  return { code, said: `${out}${err}` };
}

/** As helm merges values: maps go together, everything else is replaced. */
export function merge(base: Values, above: Values): Values {
  const both = Object.entries(above).map(([key, value]) => {
    const under = base[key];
    return [key, isMap(under) && isMap(value) ? merge(under, value) : value] as const;
  });
  return { ...base, ...Object.fromEntries(both) };
}

function isMap(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The one object of that kind and name; throws where there is none or several. */
export function objectOf(objects: readonly Rendered[], kind: string, name: string): Rendered {
  const found = objects.filter((object) => object.kind === kind && object.metadata.name === name);
  if (found.length !== 1 || found[0] === undefined) throw new Error(`there are ${found.length} of ${kind} ${name}`);
  return found[0];
}
