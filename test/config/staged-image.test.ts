import { describe, expect, it } from 'vitest';
import { shortComplaints } from './read-fixtures.ts';

const images = 'images: [{ name: api, repository: quay.io/acme/api }, { name: web }]\n';
const file = (e2e: string, more = '') => `${images}${more}jobs:\n  e2e: { on: gate, run: make e2e, ${e2e} }\n`;
const staged = 'image: "{{ images.api.staged }}"';

describe('a job that runs in an image of the file', () => {
  it.each([
    [
      'it softly, to run in an earlier image where it is skipped',
      file(`${staged}, needs: { job: upload-image, soft: true }`),
    ],
    ['the default job that uploads it', file(`${staged}, needs: [upload-image]`)],
    [
      'one of the file',
      `${file(`${staged}, needs: [stage]`)}  stage: { template: upload-image, on: gate, images: [api] }\n`,
    ],
  ])('waits for %s', (_, text) => {
    expect(shortComplaints(text)).toEqual([]);
  });

  it.each([
    ['waits for nothing', file(staged), '"e2e" runs in the image "api" and does not wait for the job that uploads it'],
    [
      'waits for a job that uploads another image',
      `${images.replace('name: web', 'name: web, repository: quay.io/acme/web')}jobs:
  e2e: { on: gate, run: make e2e, ${staged}, needs: [stage] }
  stage: { template: upload-image, on: gate, images: [web] }
`,
      'no job uploads the image "api" in the gate',
    ],
    [
      'runs in one that has no repository',
      file('image: "{{ images.web.staged }}", needs: [upload-image]'),
      'no job uploads the image "web" in the gate',
    ],
    [
      'writes something beside it',
      file('image: "{{ images.api.staged }}:latest", needs: [upload-image]'),
      '"{{ images.api.staged }}" is a whole image already',
    ],
  ])('is refused where it %s', (_, text, words) => {
    expect(shortComplaints(text)).toEqual([expect.stringContaining(words)]);
  });

  it('is refused where it could run in any of several stages', () => {
    const text = file(`${staged}, needs: [upload-image]`).replace(
      'quay.io/acme/api',
      'quay.io/acme/api, targets: [a, b], tags: ["{{ target }}"]',
    );
    expect(shortComplaints(text)).toEqual([expect.stringContaining('could be any of the stages `a` and `b`')]);
  });

  it('is refused where the gate uploads nothing', () => {
    const text = `${file(`${staged}, needs: [stage]`, 'promotion: { mode: rebuild }\n')}  stage: { template: upload-image, on: gate, images: [api] }\n`;
    expect(shortComplaints(text)).toEqual([expect.stringContaining('with `mode: rebuild` the gate uploads nothing')]);
  });
});
