import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { chooseExecutor } from '../../../src/choose-executor.ts';
import { readMachine } from '../../../src/machine.ts';

const main = join(import.meta.dirname, '../../../src/main.ts');
const wishes = { folder: '/nowhere', owner: 'test', acceptUntrusted: false, network: 'closed' } as const;
const images = { SLUICE_STEP_IMAGE: 'registry.test/steps:1', SLUICE_KANIKO_IMAGE: 'registry.test/kaniko:1' };

it('a demo in a cluster that is not there ends with one sentence', { timeout: 120_000 }, async () => {
  const env = { PATH: process.env.PATH ?? '', HOME: '/nowhere', KUBECONFIG: '/no/such/kubeconfig' };
  const { code, output } = await new Promise<{ code: unknown; output: string }>((resolve) => {
    execFile(process.execPath, [main, 'demo', '--once', '--executor', 'kubernetes'], { env }, (error, out, words) =>
      resolve({ code: error?.code, output: out + words }),
    );
  });
  expect(code).toBe(1);
  expect(output).toContain('no cluster can be used: there is no kubeconfig file /no/such/kubeconfig');
  expect(output).not.toMatch(/^\s+at /m);
});

it.each`
  environment                                         | kind             | words
  ${{ ...images, KUBECONFIG: '/no/such/kubeconfig' }} | ${'unreachable'} | ${'there is no kubeconfig file /no/such/kubeconfig'}
  ${{ KUBECONFIG: '/no/such/kubeconfig' }}            | ${'usage'}       | ${'SLUICE_STEP_IMAGE and SLUICE_KANIKO_IMAGE'}
`('a server for a cluster that cannot be used says what is missing: $words', async ({ environment, kind, words }) => {
  const choosing = chooseExecutor(readMachine(environment), 'kubernetes', wishes);
  await expect(choosing).rejects.toMatchObject({ kind, message: expect.stringContaining(words) });
});
