import { landingRig } from '../adapters/git/landing-rig.ts';
import { type LandingForge, landingContract } from './landing.ts';

/** Bare repositories served by git itself. */
landingContract('plain git over HTTP', async (): Promise<LandingForge> => {
  const rig = await landingRig();
  const { upstream, server, project, start } = rig;
  return {
    project,
    start,
    upstream,
    worker: () => rig.worker().landing,
    forbidByRule: () => rig.hook('pre-receive', 'echo "error: GH006: Protected branch update failed." >&2; exit 1'),
    withdrawPermission() {
      server.failWith = 403;
    },
    loseAnswer() {
      server.losesAnswers = true;
    },
    hangUp() {
      server.hangsUp = true;
    },
  };
});
