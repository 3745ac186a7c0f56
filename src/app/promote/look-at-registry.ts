import { type Look, lookKey, type WantedLook } from '../../core/promote/facts.ts';
import { type RegistryCaller, RegistryTrouble } from '../../model/registry.ts';
import { isDigest } from '../../model/sha.ts';
import type { AppContext } from '../context.ts';

async function look(
  { ports }: AppContext,
  { repository, reference }: WantedLook,
  caller: RegistryCaller,
): Promise<Look> {
  try {
    const found = await ports.registry.find(repository, reference, caller);
    return found === null ? { kind: 'absent' } : { kind: 'found', digest: found.digest };
  } catch (cause) {
    const trouble = cause instanceof RegistryTrouble ? cause.kind : 'away';
    const because = cause instanceof Error ? cause.message : 'unknown error';
    ports.log.warn(
      { repository, reference: isDigest(reference) ? reference : `:${reference}`, err: cause },
      'a registry gave no answer',
    );
    return { kind: 'trouble', trouble, because };
  }
}

const atOnce = 8;

/** What is known with what registries say of the rest, asked a few at a time. */
export async function lookAtAll(
  context: AppContext,
  caller: RegistryCaller,
  known: ReadonlyMap<string, Look>,
  wanted: readonly WantedLook[],
): Promise<ReadonlyMap<string, Look>> {
  const looks = new Map(known);
  const waiting = [...new Map(wanted.map((each) => [lookKey(each.repository, each.reference), each]))];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      looks.set(next[0], await look(context, next[1], caller));
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, waiting.length) }, worker));
  return looks;
}
