import { describe, expect, it } from 'vitest';
import type { ProjectConfig } from '../../src/model/config.ts';
import { parse, shortComplaints } from './read-fixtures.ts';

const kept = 'artifacts: { paths: [bin], repository: quay.io/acme/artifacts }';
const job = (more: string, name = 'compile') =>
  `jobs:\n  ${name}: { on: gate, image: docker.io/library/golang:1.24, run: make, ${more} }\n`;
function readConfig(text: string): ProjectConfig {
  const state = parse(text);
  if (state.kind !== 'valid') throw new Error(JSON.stringify(state));
  return state.config;
}

const told = (words: string) => [expect.stringContaining(words)];

describe('a job that keeps artifacts', () => {
  it('says which files, where they wait and how large they may be', () => {
    const text = job('artifacts: { paths: [bin/, ./report.xml], repository: quay.io/acme/artifacts, maxSize: 5Mi }');
    expect(shortComplaints(text)).toEqual([]);
    expect(readConfig(text).jobs.find(({ name }) => name === 'compile')?.content).toMatchObject({
      artifacts: { paths: ['bin', 'report.xml'], repository: 'quay.io/acme/artifacts', maxBytes: 5 * 2 ** 20 },
    });
  });

  it('keeps at most 100 MiB where it does not say', () => {
    expect(readConfig(job(kept)).jobs.find(({ name }) => name === 'compile')?.content).toMatchObject({
      artifacts: { maxBytes: 100 * 2 ** 20 },
    });
  });

  it('has another definition than one that keeps nothing, or other files', () => {
    const all = ['env: {}', kept, kept.replace('bin', 'out'), kept.replace('}', ', maxSize: 1Mi }')];
    const definitions = all.map(
      (more) => readConfig(job(more)).jobs.find(({ name }) => name === 'compile')?.definition,
    );
    expect(new Set(definitions).size).toBe(4);
  });

  it.each(['postsubmit', 'tag', 'release', '{ cron: "0 3 * * *" }', '[gate, postsubmit]'])('may run on %s', (on) => {
    expect(shortComplaints(job(kept).replace('on: gate', `on: ${on}`))).toEqual([]);
  });

  it.each<[string, string, string]>([
    [
      'that runs in presubmits too',
      job(kept).replace('on: gate', 'on: [presubmit, gate]'),
      'artifacts are kept on `gate`, `postsubmit`, `tag`, `release` and `periodic`, and "compile" runs on `presubmit`',
    ],
    ['that does not say where it runs', job(kept).replace('on: gate, ', ''), 'runs on `presubmit`'],
    [
      'with a matrix',
      job(`${kept}, matrix: { go: ["1.23", "1.24"] }`),
      'the builds of a matrix would keep the same files',
    ],
    ['with secrets', job(`${kept}, secrets: { TOKEN: deploy }`), 'with `secrets` leaves is not kept'],
    [
      'where the gate uploads nothing',
      `promotion: { mode: rebuild }\n${job(kept)}`,
      'with `mode: rebuild` nothing waits in a registry',
    ],
    ['of a name that leads elsewhere', job(kept, 'a/../../b'), 'cannot be the name of a folder'],
    ['of the whole checkout', job(kept.replace('bin', '.')), 'is the whole checkout'],
    ['outside of the checkout', job(kept.replace('bin', '../bin')), 'is not inside the repository'],
    ['that begin at the root', job(kept.replace('bin', '/etc')), 'is not inside the repository'],
    ['without a place', job('artifacts: { paths: [bin] }'), '`repository`'],
    ['in a place with a tag', job(kept.replace('/artifacts', '/artifacts:latest')), 'has a tag'],
    ['of no path', job(kept.replace('bin', '')), 'the list is empty'],
    ['of any size', job(kept.replace('}', ', maxSize: 2Gi }')), 'is too much'],
    ['of no size', job(kept.replace('}', ', maxSize: 0 }')), 'an amount of bytes'],
    [
      'of an image',
      `images: [{ name: api }]\njobs:\n  build: { template: build-image, ${kept} }\n`,
      '`artifacts` means nothing to the template build-image',
    ],
  ])('is refused %s', (_title, text, words) => {
    expect(shortComplaints(text)).toEqual(told(words));
  });
});
