import { podKeys } from '../model/pod.ts';
import type { SubjectId } from '../model/subject.ts';
import type { AppContext } from './context.ts';

/** Whether pods are left of this subject, whatever is known of it; false while they cannot be listed. */
export async function hasPods({ pods }: Pick<AppContext, 'pods'>, id: SubjectId): Promise<boolean> {
  const all = (await pods.snapshot()) ?? [];
  return all.some(({ annotations }) => annotations[podKeys.subject] === id);
}
