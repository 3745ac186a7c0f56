import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openJobSecrets } from '../../src/job-secrets.ts';
import type { SecretCaller } from '../../src/model/job-secret.ts';
import { keepingLog } from '../harness/redis.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-secrets-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const caller: SecretCaller = { project: 7, fullName: 'acme/api', branch: 'main', pipeline: 'gate' };

async function open(text: string, userEnvironment: Record<string, string> = {}) {
  const file = join(folder, 'secrets.yaml');
  await writeFile(file, text);
  const log = keepingLog();
  return { secrets: await openJobSecrets({ server: { secrets: file }, userEnvironment }, log), log };
}

it('reads a secret anew each time, from its file beside the list or from a variable', async () => {
  const { secrets } = await open(
    '- { name: npm, projects: [acme/api], from: { file: npm } }\n- { name: key, projects: [acme/api], from: { env: KEY } }\n',
    { KEY: 'of a variable' },
  );
  await writeFile(join(folder, 'npm'), 'first of all\n');
  expect(await secrets?.read('npm', caller)).toBe('first of all\n');
  await writeFile(join(folder, 'npm'), 'rotated since\n');
  expect(await secrets?.read('npm', caller)).toBe('rotated since\n');
  expect(await secrets?.valuesOf(['npm', 'key', 'unknown'])).toEqual(['rotated since\n', 'of a variable']);
  await expect(secrets?.read('npm', { ...caller, fullName: 'acme/web' })).rejects.toThrow(/no secret `npm` is granted/);
});

it('gives none that is away, or too short to be masked, and tells where it lies to the operator alone', async () => {
  const { secrets, log } = await open('- { name: npm, projects: [acme/api], from: { file: away/npm } }\n');
  await expect(secrets?.read('npm', caller)).rejects.toThrow(
    'the secret npm cannot be read now; why is in the log of this server',
  );
  expect(JSON.stringify(log.lines)).toContain('away/npm');
  await writeFile(join(folder, 'short'), 'abc\n');
  const short = await open('- { name: npm, projects: [acme/api], from: { file: short } }\n');
  await expect(short.secrets?.read('npm', caller)).rejects.toThrow(/cannot be read now/);
});

it('names every mistake of the file, and nothing of what is secret', async () => {
  await expect(open('- { name: npm, projects: [acme/api], from: { fil: x } }\n')).rejects.toThrow(
    /SLUICE_SECRETS has 2 mistakes:|SLUICE_SECRETS has a mistake:/,
  );
});
