import { execFileSync } from 'node:child_process';
import { rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readMeasured } from '../../src/core/pod/read-measured.ts';
import { makeLayout } from './layout-fixture.ts';
import { makeWorkFolder, runStep } from './run-step.ts';

let work: Awaited<ReturnType<typeof makeWorkFolder>>;
let layout: ReturnType<typeof makeLayout>;

beforeEach(async () => {
  work = await makeWorkFolder();
  layout = makeLayout(join(work.folder, 'image'));
});

afterEach(() => work.end());

const measure = () => runStep('measure', { layout: join(work.folder, 'image'), result: join(work.folder, 'result') });

describe('the measuring step', () => {
  it('leaves digest, compressed bytes and layers, as the judge reads them', async () => {
    const { digest } = layout.image('first layer', 'second');
    const end = await measure();
    expect(end.code, end.log).toBe(0);
    const bytes = '{"os":"linux"}'.length + 'first layer'.length + 'second'.length;
    expect(readMeasured(end.result)).toEqual({ digest, bytes, layers: 2 });
    expect(end.log).toContain(`Built ${digest}\n2 layers, 0.0 MB compressed. Nothing was pushed.`);
  });

  it('counts an image without layers', async () => {
    layout.image();
    expect(readMeasured((await measure()).result)).toMatchObject({ layers: 0 });
  });

  it.each<[string, () => void, RegExp]>([
    [
      'a layer of another content',
      () => writeFileSync(layout.pathOf(found(layout.image('layer'), 'layer')), 'evil!'),
      /has the content of sha256:/,
    ],
    [
      'a layer that is cut',
      () => truncateSync(layout.pathOf(found(layout.image('layer'), 'layer')), 2),
      /has not the 5 bytes/,
    ],
    [
      'a layer that is longer',
      () => writeFileSync(layout.pathOf(found(layout.image('layer'), 'layer')), 'layer and more'),
      /has not the 5 bytes/,
    ],
    [
      'a layer that is missing',
      () => rmSync(layout.pathOf(found(layout.image('layer'), 'layer'))),
      /cannot be read: ENOENT/,
    ],
    [
      'a manifest of another content',
      () => writeFileSync(layout.pathOf(layout.image('x')), '{"layers":[]}'),
      /has not the/,
    ],
    ['a manifest that is no JSON', () => layout.index(layout.blob('nonsense')), /is not JSON/],
    ['a manifest without layers', () => layout.index(layout.blob('{}')), /layers is not a list/],
    ['a manifest without config', () => layout.index(layout.blob('{"layers":[]}')), /the config is missing/],
    ['two images', () => layout.index(layout.image('a'), layout.image('b')), /names 2 images/],
    ['no image', () => layout.index(), /names 0 images/],
    ['a digest of another kind', () => layout.index({ digest: 'sha512:00', size: 1 }), /no sha256 digest/],
    [
      'a digest that leads away',
      () => layout.index({ digest: 'sha256:../../../../etc/passwd', size: 1 }),
      /no sha256 digest/,
    ],
    ['a size that is none', () => layout.index({ digest: `sha256:${'a'.repeat(64)}`, size: -1 }), /has no size/],
    [
      'an index that is too long',
      () => writeFileSync(join(work.folder, 'image/index.json'), ' '.repeat(5_000_000)),
      /larger than/,
    ],
    ['no index', () => undefined, /cannot be read: ENOENT/],
    [
      'a link for an index',
      () => symlinkSync('/etc/passwd', join(work.folder, 'image/index.json')),
      /cannot be read: ELOOP/,
    ],
    [
      'a pipe for an index',
      () => void execFileSync('mkfifo', [join(work.folder, 'image/index.json')]),
      /no plain file/,
    ],
  ])('refuses %s with 16', async (_, spoil, words) => {
    spoil();
    const end = await measure();
    expect(end.code, end.log).toBe(16);
    expect(end.result).toMatch(/^The image that was built cannot be used: /);
    expect(end.result).toMatch(words);
  });
});

/** The descriptor of content that is already in the layout. */
function found(_image: unknown, content: string) {
  return layout.blob(content);
}
