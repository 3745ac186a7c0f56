import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  environment,
  files,
  type LocalRepository,
  makeRepository,
  type OwnTemporary,
  ownTemporary,
} from './local-repository.ts';
import { pullPayload } from './payloads.ts';

const main = join(import.meta.dirname, '../../src/main.ts');
let temporary: OwnTemporary;
let repository: LocalRepository;

beforeAll(async () => {
  temporary = await ownTemporary();
  repository = await makeRepository(files);
});
const children = new Set<ChildProcess>();
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await temporary.remove();
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The program as a process of its own, in the person's clone. */
function sluice(words: readonly string[], interruptAt?: string): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...words], {
      cwd: repository.folder,
      env: environment({ TMPDIR: process.env.TMPDIR ?? '/tmp' }),
    });
    children.add(child);
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      const before = out;
      out += part;
      if (interruptAt !== undefined && !before.includes(interruptAt) && out.includes(interruptAt)) child.kill('SIGINT');
    });
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      err += part;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      children.delete(child);
      resolve({ code, out, err });
    });
  });
}

describe('the program as a process of its own', { timeout: 60_000 }, () => {
  it('ends "check" with 0 for a valid file, 1 for mistakes with a caret, 2 for a file that is not there', async () => {
    expect(await sluice(['check'])).toMatchObject({ code: 0, out: expect.stringContaining('.sluice.yaml is valid.') });
    await writeFile(join(repository.folder, 'bad.yaml'), 'trsut: members\n');
    const bad = await sluice(['check', 'bad.yaml']);
    expect(bad).toMatchObject({ code: 1 });
    expect(bad.out).toMatch(/bad\.yaml:1:1/);
    expect(bad.out).toContain('^');
    expect(bad.out).toContain('trust');
    expect(await sluice(['check', 'absent.yaml'])).toMatchObject({ code: 2 });
  });

  it('prints a plan as JSON alone on standard output, and what else there is to know on the other', async () => {
    const head = await repository.commit({ 'docs/x.md': 'x\n' });
    const base = await repository.git('rev-parse', 'HEAD~1');
    const payload = join(repository.folder, 'payload.json');
    await writeFile(payload, JSON.stringify(pullPayload({ head, base: base as typeof head })));
    const { code, out, err } = await sluice(['plan', '--event', 'pull_request', '--payload', payload, '--json']);
    expect(code).toBe(0);
    const { decisions } = JSON.parse(out) as { decisions: readonly object[] };
    expect(decisions).toContainEqual({
      pipeline: 'presubmit',
      job: 'unit',
      decision: 'run',
      reason: expect.any(String),
      required: true,
    });
    expect(Object.keys(JSON.parse(out) as object)).toEqual(['decisions']);
    expect(err).toContain('guessed');
  });

  it('renders pods as YAML documents and names the nearest job of a mistyped one', async () => {
    expect(await sluice(['render', 'unit'])).toMatchObject({ code: 0, out: expect.stringContaining('kind: Pod\n') });
    expect(await sluice(['render', 'unitt'])).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('did you mean unit?'),
    });
  });

  it('ends "builds" with 3 where no server is, and "plan" with 2 outside of a clone', async () => {
    expect(await sluice(['builds'])).toMatchObject({ code: 3, err: expect.stringContaining('REDIS_URL is not set') });
    expect(await sluice(['plan', '--pr', '1', '--repo', '/'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('no git clone'),
    });
  });

  it('tries a job with its output and exit code, and Ctrl-C ends it', async () => {
    const { code, out } = await sluice(['try', 'unit', '--executor', 'process']);
    expect(out).toContain('unit | hello\n');
    expect(out).toMatch(/✓ unit: success in/);
    expect(code).toBe(0);
    const stopped = await sluice(['try', 'slow', '--executor', 'process'], 'slow | Checked out');
    expect(stopped).toMatchObject({ code: 1, out: expect.stringContaining('✗ slow: aborted') });
    expect(await temporary.leftBehind()).toEqual([]);
  });

  it('ends "serve" with 2 where no App is, and with 0 within seconds of Ctrl-C, even while GitHub gives no answer', async () => {
    expect(await sluice(['serve', '--data', 'empty'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('"sluice setup'),
    });
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const app = {
      schema: 1,
      appId: 5,
      privateKey,
      webhookSecret: 'a-secret',
      github: 'http://127.0.0.1:1',
      publicUrl: 'http://127.0.0.1:1',
    };
    await mkdir(join(repository.folder, 'data'));
    await writeFile(join(repository.folder, 'data', 'app.json'), JSON.stringify(app));
    const began = Date.now();
    const { code, err } = await sluice(
      ['serve', '--data', 'data', '--port', '0', '--executor', 'process'],
      '"serving"',
    );
    expect({ code, err }).toMatchObject({ code: 0, err: expect.stringContaining('Listening on http://127.0.0.1:') });
    expect(Date.now() - began).toBeLessThan(15_000);
  });

  it('serves the stand-in GitHub until Ctrl-C', async () => {
    const { code, out } = await sluice(['dev', 'github'], 'Ctrl-C ends it.');
    expect(code).toBe(0);
    expect(out).toMatch(/REST +http:\/\/127\.0\.0\.1:\d+\/api\/v3/);
    expect(await temporary.leftBehind()).toEqual([]);
  });
});
