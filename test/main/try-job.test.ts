import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { whyNotPodman } from '../../src/choose-executor.ts';
import { tryJob } from '../../src/try-job.ts';
import {
  files,
  type LocalRepository,
  machineWith,
  makeRepository,
  type OwnTemporary,
  ownTemporary,
} from './local-repository.ts';

const machine = machineWith();

async function missing(): Promise<string | null> {
  if (!machine.isRoot) return 'root';
  for (const folder of machine.path.split(delimiter)) {
    const found = await access(join(folder, 'buildah'), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return null;
  }
  return 'buildah';
}

const lacks = await missing();
if (lacks !== null) console.error(`NOT TESTED: image builds by "sluice try", because this machine lacks ${lacks}`);

const noPodman = await whyNotPodman(machine);
if (noPodman !== null) console.error(`NOT TESTED: "sluice try" with kaniko, because ${noPodman}`);

let temporary: OwnTemporary;
let repository: LocalRepository;
let output = '';

beforeAll(async () => {
  temporary = await ownTemporary();
  repository = await makeRepository(files);
});
afterAll(() => temporary.remove());
beforeEach(() => {
  output = '';
});

function attempt(
  job: string | null,
  interrupted = new AbortController().signal,
  executor: 'podman' | 'process' = 'process',
) {
  const onOutput = (text: string): void => {
    output += text;
  };
  return tryJob(repository.folder, job, executor, onOutput, machine, interrupted);
}

describe('trying a working tree', { timeout: 60_000 }, () => {
  it.runIf(lacks === null)(
    'builds the image for real and runs the command, what is not committed included',
    async () => {
      await repository.write({ 'hello.txt': 'hello, uncommitted\n' });
      const before = await repository.inside();
      const tried = await attempt(null);
      expect(tried.map(({ job, result }) => `${job}:${result}`)).toEqual(['build-image:success', 'unit:success']);
      expect(tried[0]?.image).toMatchObject({ digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/), layers: 1 });
      expect(output).toContain('unit | hello, uncommitted\n');
      expect(output).toContain('– slow: skipped, it is manual');
      expect(output).toContain('– lint: skipped, none of the 1 changed files');
      expect(await repository.inside()).toEqual(before);
      expect(await repository.git('status', '--short')).toBe('M hello.txt');
      expect(await temporary.leftBehind()).toEqual([]);
    },
  );

  it.runIf(lacks === null)('tells a failing line of the Dockerfile', async () => {
    await repository.write({ Dockerfile: 'FROM scratch\nCOPY absent.txt /\n' });
    const [tried] = await attempt('build-image');
    await repository.git('checkout', '--', 'Dockerfile');
    expect(tried).toMatchObject({ job: 'build-image', result: 'failure' });
    expect(output).toContain('absent.txt');
  });

  it.runIf(lacks === null)('builds what the gate would upload, and says that it uploads nothing', async () => {
    const [tried, ...others] = await attempt('upload-image');
    expect(tried).toMatchObject({ job: 'upload-image', result: 'success', because: 'it was built' });
    expect(others).toEqual([]);
    expect(output).toContain('Here it is built, and nothing is uploaded.');
    expect(output).toContain('Nothing was pushed.');
  });

  it.runIf(noPodman === null)('builds with kaniko in a pod where podman is there', async () => {
    const [tried] = await attempt('build-image', undefined, 'podman');
    expect(tried).toMatchObject({ result: 'success', image: { digest: expect.stringMatching(/^sha256:/) } });
    expect(output).toContain('With kaniko');
    expect(await temporary.leftBehind()).toEqual([]);
  });

  it('runs the one job that is named, also a manual or failing one', async () => {
    await repository.write({ 'test.sh': 'echo this fails\nexit 3\n' });
    const tried = await attempt('unit');
    await repository.git('checkout', '--', 'test.sh');
    expect(tried).toEqual([
      {
        job: 'unit',
        result: 'failure',
        because: expect.stringContaining('3'),
        milliseconds: expect.any(Number),
        image: null,
      },
    ]);
    expect(output).toContain('unit | this fails\n');
  });

  it('is ended by an interruption: the command stops and is told as aborted', async () => {
    const interruption = new AbortController();
    const tried = attempt('slow', interruption.signal);
    const end = Date.now() + 20_000;
    while (!output.includes('Checked out tree') && Date.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 50));
    interruption.abort();
    const interrupted = Date.now();
    expect(await tried).toMatchObject([{ job: 'slow', result: 'aborted', because: 'cancelled by you' }]);
    expect(Date.now() - interrupted).toBeLessThan(15_000);
    expect(await temporary.leftBehind()).toEqual([]);
  });

  it('of an unknown job names the nearest one and starts nothing', async () => {
    await expect(attempt('untis')).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('did you mean unit?'),
    });
    expect(output).not.toContain('|');
    expect(await temporary.leftBehind()).toEqual([]);
  });
});
