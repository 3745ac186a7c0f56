import { exitCodes, StepFailure } from './step-failure.ts';

/** The URL; what is no plain http(s) one ends the step with `badInput`. */
export function toCloneUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain = url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  if (!isPlain) throw new StepFailure(exitCodes.badInput, 'SLUICE_STEP.cloneUrl is not a plain http(s) URL');
  return url;
}
