import { RegistryTrouble } from '../../src/model/registry.ts';
import { exitCodes, StepFailure } from './step-failure.ts';

/** A registry's trouble as the end of a step; `advice`: what to do where the credential may not. Throws what is none. */
export function registryFailure(cause: unknown, advice: string): StepFailure {
  if (!(cause instanceof RegistryTrouble)) throw cause;
  if (cause.kind === 'away' || cause.kind === 'corrupt') return new StepFailure(exitCodes.registryAway, cause.message);
  const words = cause.kind === 'denied' ? `${cause.message}; ${advice}` : cause.message;
  return new StepFailure(exitCodes.registryRefused, words);
}
