import type { BuildOrder, PoolSettings } from '../../model/order.ts';
import { keepsFiles, takesFiles } from './artifacts.ts';
import { secretsOf } from './job-secrets.ts';
import { needsToken } from './siblings.ts';
import type { VolumeName } from './volumes.ts';

/** False for a volume that would hold nothing for this order: then neither the pod nor a container has it. */
export function needsVolume(name: VolumeName, order: BuildOrder, { builder }: Pick<PoolSettings, 'builder'>): boolean {
  if (name === 'buildkit' || name === 'buildkit-state') return builder === 'buildkit' && order.image !== null;
  if (name === 'git-token') return needsToken(order);
  if (name === 'registry-promote') return order.promote !== undefined;
  if (name === 'secrets') return secretsOf(order).length > 0;
  if (name === 'registry-keep') return keepsFiles(order);
  if (name === 'registry-take' || name === 'artifacts') return takesFiles(order);
  return name !== 'registry' || order.upload !== undefined;
}
