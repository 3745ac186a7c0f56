import { compilePattern } from '../../src/config/matching/compile-pattern.ts';
import { gateDefaults } from '../../src/config/resolve/resolve-gate.ts';
import { definitionDigest } from '../../src/model/build.ts';
import type { ProjectConfig } from '../../src/model/config.ts';
import type { Image } from '../../src/model/image.ts';
import type { Job, JobSelection } from '../../src/model/job.ts';
import type { Matcher } from '../../src/model/matcher.ts';
import type { Permission, Person, Rights } from '../../src/model/person.ts';
import type { Project } from '../../src/model/project.ts';
import type { Comment, PullRequest } from '../../src/model/pull-request.ts';
import { type Sha, toSha } from '../../src/model/sha.ts';

/** A full commit id made of one or more hex digits, repeated. */
export function sha(digits: string): Sha {
  return toSha(digits.repeat(40).slice(0, 40));
}

/** The people of most stories; `ada` may write, `mia` is a member who may only read, the others are strangers or bots. */
export const people = {
  ada: { id: 11, login: 'ada', kind: 'user' },
  mia: { id: 12, login: 'mia', kind: 'user' },
  mallory: { id: 13, login: 'mallory', kind: 'user' },
  boss: { id: 14, login: 'boss', kind: 'user' },
  robot: { id: 21, login: 'robot[bot]', kind: 'bot' },
  listed: { id: 22, login: 'listed[bot]', kind: 'bot' },
} as const satisfies Record<string, Person>;

export function rights(permission: Permission, member = false): Rights {
  return { known: true, permission, member };
}

export const unreadable: Rights = { known: false, because: 'the forge answered 502' };

export function aProject(over: Partial<Project> = {}): Project {
  return {
    id: 4711,
    owner: 'acme',
    name: 'api',
    private: false,
    defaultBranch: 'main',
    installation: 7,
    cloneUrl: 'https://github.test/acme/api.git',
    ...over,
  };
}

export function aPullRequest(over: Partial<PullRequest> = {}): PullRequest {
  return {
    number: 5,
    title: 'Change something',
    author: people.ada,
    state: 'open',
    draft: false,
    head: sha('a'),
    headRef: 'feature',
    baseRef: 'main',
    labels: [],
    createdAt: 900_000,
    updatedAt: 1_000_000,
    url: 'https://github.test/acme/api/pull/5',
    ...over,
  };
}

let comments = 0;

/** Another comment each time: nobody has seen it before. */
export function aComment(text: string, over: Partial<Comment> = {}): Comment {
  comments += 1;
  return {
    source: 'comment',
    id: 70_000 + comments,
    author: people.ada,
    ours: false,
    text,
    createdAt: 1_000_000 + comments,
    edited: false,
    ...over,
  };
}

/** A pattern as it stands in a configuration file. */
export function matcher(pattern: string): Matcher {
  const outcome = compilePattern(pattern);
  if (outcome.kind === 'fault') throw new Error(`${pattern}: ${outcome.message}`);
  return outcome.matcher;
}

export function matchers(...patterns: readonly string[]): readonly Matcher[] {
  return patterns.map(matcher);
}

export function anImage(name: string, over: Partial<Image> = {}): Image {
  return {
    name,
    repository: `quay.io/acme/${name}`,
    context: '.',
    containerFilename: ['Containerfile', 'Dockerfile'],
    targets: [],
    buildArgs: {},
    labels: {},
    tags: ['latest'],
    platforms: [],
    siblings: [],
    extraEnv: {},
    from: [],
    onlyIf: null,
    skipIf: null,
    builder: null,
    ...over,
  };
}

export type JobOver = Partial<Omit<Job, 'selection'>> & { readonly selection?: Partial<JobSelection> };

/** An automatic, required presubmit job that executes a command, unless `over` says otherwise. */
export function aJob(name: string, over: JobOver = {}): Job {
  const { selection, ...rest } = over;
  const job = {
    name,
    pipelines: ['presubmit'],
    selection: {
      trigger: 'auto',
      branches: [],
      skipBranches: [],
      onlyIf: null,
      skipIf: null,
      optional: false,
      ...selection,
    },
    content: { template: 'run', image: 'docker.io/library/golang:1.24', command: `make ${name}`, env: {} },
    needs: [],
    pool: 'default',
    resources: { cpu: '1', memory: '1Gi', ephemeralStorage: '1Gi' },
    timeoutSeconds: 3600,
    allowPrivilegeEscalation: false,
    ...rest,
  } satisfies Omit<Job, 'definition'>;
  return { ...job, definition: over.definition ?? definitionDigest([name, JSON.stringify(job.content)]) };
}

/** A job that builds these images. */
export function anImageJob(name: string, images: readonly Image[], over: JobOver = {}): Job {
  return aJob(name, { content: { template: 'build-image', images, publish: 'promote' }, ...over });
}

export function aConfig(jobs: readonly Job[], over: Partial<ProjectConfig> = {}): ProjectConfig {
  const images = jobs.flatMap((job) => ('images' in job.content ? job.content.images : []));
  const trust = { trust: 'members', trustedApps: [] } as const;
  return { origin: 'file', mode: 'active', images, jobs, trust, gate: gateDefaults, version: null, ...over };
}
