import type { Proposals } from '../../ports/proposals.ts';
import type { GitHubApp } from './app.ts';
import { judgeFailure } from './call-failure.ts';
import { pathOf, repositoryClient } from './repository-client.ts';

/** GitHub as where the next version is proposed. */
export function createProposals(app: GitHubApp): Proposals {
  return {
    async find(project, head, base) {
      const { data } = await repositoryClient(app, project).rest.pulls.list({
        ...pathOf(project),
        head: `${project.owner}:${head}`,
        base,
        state: 'all',
        sort: 'created',
        direction: 'desc',
        per_page: 100,
      });
      // The filter is passed over where the forge does not take the name.
      const found = data.find((each) => each.head.ref === head && each.base.ref === base);
      if (found === undefined) return null;
      const state = found.state === 'open' ? 'open' : found.merged_at === null ? 'closed' : 'merged';
      return { number: found.number, state };
    },
    async open(project, { head, base, title, body }) {
      const { pulls } = repositoryClient(app, project).rest;
      try {
        const { data } = await pulls.create({ ...pathOf(project), head, base, title, body });
        return { kind: 'open', number: data.number };
      } catch (error) {
        const failure = judgeFailure(error, app.clock.now());
        if (failure.kind !== 'refused') throw error;
        return { kind: 'refused', because: failure.because };
      }
    },
  };
}
