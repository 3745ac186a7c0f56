import { describe, expect, it } from 'vitest';
import { parse, shortComplaints } from './read-fixtures.ts';

const image = `docker.io/library/golang@sha256:${'a'.repeat(64)}`;
const images = 'images: [{ name: api, repository: quay.io/acme/api }]\n';

function fileOf(job: string, gate = ''): string {
  return `${images}jobs:\n  unit: { ${job} }\n${gate === '' ? '' : `gate: { ${gate} }\n`}`;
}

function configOf(text: string) {
  const state = parse(text);
  if (state.kind !== 'valid') throw new Error(JSON.stringify(state));
  return state.config;
}

describe('a job whose pass may be reused', () => {
  it.each([
    ['a command in an image by digest', `on: gate, image: "${image}", run: make, reusable: true`],
    [
      'a command in an image of the file',
      'on: gate, image: "{{ images.api.staged }}", run: make, needs: upload-image, reusable: true',
    ],
    ['an upload', 'template: upload-image, reusable: true'],
  ])('is %s', (_, job) => {
    expect(configOf(fileOf(job)).jobs.find(({ name }) => name === 'unit')?.reusable).toBe(true);
  });

  it('is none that does not say so, and the word changes no definition', () => {
    const plain = `on: gate, image: "${image}", run: make`;
    const [one, other] = [plain, `${plain}, reusable: true`].map((job) => configOf(fileOf(job)).jobs[0]);
    expect(one?.reusable).toBeUndefined();
    expect(other?.definition).toBe(one?.definition);
  });

  it.each([
    ['on: gate, image: docker.io/library/golang:1.24, run: make', 'what is behind the tag of `image` may change'],
    [`on: gate, image: "${image}", run: make, secrets: { TOKEN: token }`, 'comes to depends on more than its tree'],
    [`on: presubmit, image: "${image}", run: make`, '`reusable` is for jobs of the gate'],
    ['template: noop', '`reusable` means nothing to the template noop'],
  ])('cannot be: %s', (job, told) => {
    expect(shortComplaints(fileOf(`${job}, reusable: true`))).toEqual([expect.stringContaining(told)]);
  });
});

describe('how long a pass counts', () => {
  const job = `on: gate, image: "${image}", run: make`;

  it.each([
    ['', 24 * 3_600_000],
    ['reuse: 90m', 90 * 60_000],
    ['reuse: off', 0],
  ])('gate: { %s }', (gate, ms) => {
    expect(configOf(fileOf(job, gate)).gate.reuseMs).toBe(ms);
  });

  it.each(['reuse: 3 days', 'reuse: true', 'reuse: 48h'])('is none: %s', (gate) => {
    expect(shortComplaints(fileOf(job, gate))).toHaveLength(1);
  });
});
