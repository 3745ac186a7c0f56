import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkConfig } from '../../src/check-config.ts';
import { sluice } from './cli-fixture.ts';

const openDev = join(import.meta.dirname, '..', 'fixtures', 'zuul', 'opendev');
const small = (name: string) => `- job:
    name: ${name}
    parent: build-container-image
    vars: { container_images: [{ repository: quay.io/acme/api }] }
- project: { check: { jobs: [${name}] } }
`;
const folders: string[] = [];

async function repository(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-zuul-'));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

describe('sluice import zuul', () => {
  it('writes what OpenDev has for its images as a file that our own check takes, and says all the rest', async () => {
    const { code, out, err } = await sluice(['import', 'zuul', openDev]);
    expect(out).toBe(await readFile(join(openDev, 'expected.sluice.yaml'), 'utf8'));
    expect(err).toBe(await readFile(join(openDev, 'expected.said.txt'), 'utf8'));
    expect(code).toBe(0);
    const { problems } = await checkConfig(Buffer.from(out), join(openDev, '.sluice.yaml'));
    expect(problems).toEqual([]);
  });

  it('writes into a new file, and leaves one that is there', async () => {
    const folder = await repository({ '.zuul.yaml': small('a-build-image') });
    const file = join(folder, '.sluice.yaml');
    const first = await sluice(['import', 'zuul', folder, '--out', file]);
    expect(first).toMatchObject({ code: 0, out: '' });
    expect(first.err).toContain(`1 image and 1 job imported into ${file}.`);
    const written = await readFile(file, 'utf8');
    expect(written).toContain('a-build-image:');
    await writeFile(join(folder, '.zuul.yaml'), small('b-build-image'));
    const second = await sluice(['import', 'zuul', folder, '--out', file]);
    expect(second.code).toBe(2);
    expect(second.err).toContain('it is there already: remove it, or name another');
    expect(await readFile(file, 'utf8')).toBe(written);
  });

  it.each`
    files                                                                            | reads                                     | not
    ${['zuul.yaml', 'zuul.d/a.yaml', '.zuul.yaml']}                                  | ${['zuul.yaml']}                          | ${['zuul.d', '.zuul.yaml']}
    ${['.zuul.d/b/c.yaml', '.zuul.d/a.yaml']}                                        | ${['.zuul.d/a.yaml', '.zuul.d/b/c.yaml']} | ${[]}
    ${['.zuul.yaml', '.zuul.d/a.yaml']}                                              | ${['.zuul.yaml']}                         | ${['.zuul.d']}
    ${['zuul.d/a.yaml', 'zuul.d/b.yml', 'zuul.d/c/.zuul.ignore', 'zuul.d/c/d.yaml']} | ${['zuul.d/a.yaml']}                      | ${['zuul.d/c']}
  `('of $files reads $reads', async ({ files, reads, not }) => {
    const contents = (files as string[]).map((name, index) => [name, small(`job${index}-build-image`)]);
    const folder = await repository(Object.fromEntries(contents));
    const { out, err } = await sluice(['import', 'zuul', folder]);
    expect(out).toMatch(new RegExp(`^# Imported from ${reads.join(', ')}\\.\n`));
    for (const place of not) expect(err).toMatch(new RegExp(`^${place}: not read, as `, 'm'));
  });

  it('follows no links', async () => {
    const folder = await repository({
      'zuul.d/a.yaml': small('a-build-image'),
      'elsewhere.yaml': small('b-build-image'),
    });
    await symlink(join(folder, 'elsewhere.yaml'), join(folder, 'zuul.d', 'b.yaml'));
    const { out, err } = await sluice(['import', 'zuul', folder]);
    expect(out).not.toContain('b-build-image');
    expect(err).toContain('zuul.d/b.yaml: not read, as it is no plain file');
  });

  it('says which project it means', async () => {
    const named = small('a-build-image').replace('project: {', 'project: { name: acme/other,');
    const folder = await repository({ 'zuul.yaml': named });
    const { code, out, err } = await sluice(['import', 'zuul', folder, '--project', 'acme/shop']);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('zuul.yaml:5: project "acme/other" is not acme/shop: not imported');
    expect(err).toContain('Nothing of it can be imported');
  });

  it('ends with 1 where the file is not valid, with the problems', async () => {
    const images = Array.from({ length: 101 }, (_, index) => `{ repository: quay.io/acme/i${index} }`).join(', ');
    const folder = await repository({ 'zuul.yaml': small('a-build-image').replace(/\[\{.*\}\]/, `[${images}]`) });
    const { code, err } = await sluice(['import', 'zuul', folder]);
    expect(code).toBe(1);
    expect(err).toContain('more than 100 images');
    expect(err).toContain('The file is not valid yet: mend the 1 problem above.');
  });

  it.each`
    words                                      | says
    ${['import', 'zuul', '/nowhere']}          | ${'there is no Zuul configuration in /nowhere: looked for zuul.yaml, zuul.d, .zuul.yaml, .zuul.d'}
    ${['import', 'zuul', '--project', 'shop']} | ${'A repository is named as owner/name.'}
    ${['import', 'prow']}                      | ${"unknown command 'prow'"}
  `('$words cannot be used', async ({ words, says }) => {
    const { code, out, err } = await sluice(words);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(says);
  });
});
