import type { GateForge } from '../../ports/gate-forge.ts';
import type { GitHubApp } from './app.ts';
import { readBranchRules } from './branch-rules.ts';
import { closePullRequest } from './close-pull-request.ts';
import { readGateView } from './gate-view.ts';
import { readInstallation } from './installation.ts';
import { setLabel } from './labels.ts';
import { mergePullRequest } from './merge-pull-request.ts';

/** GitHub as the gate asks it. */
export function createGateForge(app: GitHubApp): GateForge {
  return {
    gateView: (project, number) => readGateView(app, project, number),
    branchRules: (project, branch) => readBranchRules(app, project, branch),
    mayChangeWorkflows: async (project) => (await readInstallation(app, project)).workflows,
    close: (project, number) => closePullRequest(app, project, number),
    setLabel: (project, number, label, present) => setLabel(app, project, number, label, present),
    merge: (project, number, head, method, message) =>
      mergePullRequest(app, project, { number, head, method, message }),
  };
}
