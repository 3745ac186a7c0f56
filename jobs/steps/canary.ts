import { writeFile } from 'node:fs/promises';
import type { CanaryInput } from '../../src/core/pod/step-input.ts';
import type { CanarySight, SeenTarget, TriedTarget } from '../../src/model/isolation.ts';
import { listenForOthers } from './canary-listener.ts';
import type { InputReader } from './read-input.ts';
import { tryTarget } from './try-target.ts';

/**
 * Tries every target at once, each until its deadline, and leaves what came of each in the termination message (builders.md §5.4:
 * data of a pod, below 4,096 bytes). Or listens until it is ended, so that another one has somebody to try.
 */
export async function canary(reader: InputReader): Promise<void> {
  const input = readCanary(reader);
  if (input.listen !== null) return listenForOthers(input.listen, input.result);
  const [control, ...targets] = await Promise.all(
    [input.control, ...input.targets].map((target) => tryTarget(target, input.attemptMs)),
  );
  if (control === undefined) throw new Error('nothing was tried');
  const sight: CanarySight = { control, targets };
  await writeFile(input.result, JSON.stringify(sight));
  for (const { name, outcome, detail } of [control, ...targets]) console.log(line({ name, outcome, detail }));
}

function line({ name, outcome, detail }: SeenTarget): string {
  return `${name}: ${outcome} (${detail})`;
}

function readCanary(reader: InputReader): CanaryInput {
  const result = reader.text('result');
  if (reader.flag('listens')) return { listens: true, listen: reader.number('listen'), result };
  const attemptMs = reader.number('attemptMs');
  const control = readTarget(reader.inside('control'));
  return { listens: false, listen: null, control, targets: reader.list('targets').map(readTarget), attemptMs, result };
}

function readTarget(reader: InputReader): TriedTarget {
  const name = reader.text('name');
  return reader.text('kind') === 'write'
    ? { name, kind: 'write', url: reader.text('url') }
    : { name, kind: 'connect', host: reader.text('host'), port: reader.number('port') };
}
