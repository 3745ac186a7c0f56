import { fullName } from '../../model/project.ts';
import type { PromoteRecord } from '../../model/promotion.ts';
import type { RegistryCaller } from '../../model/registry.ts';

/** In whose name a line speaks to registries. */
export function callerOf({ project, branch }: Pick<PromoteRecord, 'project' | 'branch'>): RegistryCaller {
  return { project: project.id, fullName: fullName(project), branch, use: 'promote' };
}
