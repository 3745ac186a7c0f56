import { judgeStart } from '../../core/isolation/isolation-standing.ts';
import type { IsolationNote, IsolationStanding } from '../../model/isolation.ts';
import type { AppContext } from '../context.ts';

type Needs = {
  readonly ports: Pick<AppContext['ports'], 'notes' | 'clock'>;
  readonly settings: Pick<AppContext['settings'], 'isolation'>;
};

/** The note that we alone write; null: there is none, or another version wrote it and the next canary writes it anew. */
export async function readIsolation({ ports }: Pick<Needs, 'ports'>): Promise<IsolationNote | null> {
  const text = await ports.notes.read('isolation');
  if (text === null) return null;
  const { schema, ...note } = JSON.parse(text) as IsolationNote & { readonly schema?: number };
  return schema === 1 ? note : null;
}

export async function writeIsolation({ ports }: Pick<Needs, 'ports'>, note: IsolationNote): Promise<void> {
  await ports.notes.write('isolation', JSON.stringify({ schema: 1, ...note }));
}

/** Whether builds of code that nobody approved may start now; null: nobody asks here. */
export async function isolationNow(context: Needs): Promise<IsolationStanding | null> {
  const { isolation } = context.settings;
  if (isolation === undefined) return null;
  const note = isolation.kind === 'proved' ? await readIsolation(context) : null;
  return judgeStart(isolation, note, context.ports.clock.now());
}

/** Whether builds of code that nobody approved have to wait now. */
export async function isUntrustedOff(context: Needs): Promise<boolean> {
  return (await isolationNow(context))?.kind === 'held';
}
