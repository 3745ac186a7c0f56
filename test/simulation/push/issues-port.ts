import type { Project } from '../../../src/model/project.ts';
import type { Issues } from '../../../src/ports/issues.ts';
import type { Calls } from '../calls.ts';
import { type Forges, gitOf } from '../gate/move-branch.ts';
import type { RepositoryGit } from '../gate/repository-git.ts';
import type { Process } from '../sim.ts';

/** Issues of our own as one process reaches them. */
export function issuesPort({ sim, forge, calls }: Forges & { readonly calls: Calls }, process: Process): Issues {
  const ask = <T>(what: string, project: Project, effect: (git: RepositoryGit) => T): Promise<T> =>
    calls.call(process, `issues.${what}`, () => {
      forge.mustAnswer();
      const repository = forge.repositoryOf(project);
      if (!repository.seen.now()) throw new Error('403 not accessible by integration');
      return effect(gitOf(repository));
    });
  return {
    find: (project, marks) =>
      ask('find', project, ({ issues }) => {
        const own = marks.flatMap((mark) => {
          const found = issues.find(({ body }) => body.includes(mark));
          return found ? [[mark, { number: found.number, isOpen: found.isOpen, body: found.body }] as const] : [];
        });
        return new Map(own);
      }),
    listOpen: (project, mark) =>
      ask('listOpen', project, ({ issues }) => issues.filter(({ body, isOpen }) => isOpen && body.includes(mark))),
    write: (project, { number, title, body, isOpen, mark }) =>
      ask('write', project, ({ issues }) => {
        const there = number === null ? undefined : issues.find((each) => each.number === number);
        if (number !== null && there === undefined) return 'gone';
        if (there) {
          sim.note(`issue: ${isOpen ? 'edited' : 'closed'}`);
          Object.assign(there, { title, body, isOpen, closedBy: null });
          return there.number;
        }
        if (issues.some((each) => each.body.includes(mark))) sim.violate('nightlies', `a second issue with ${mark}`);
        sim.note('issue: opened');
        issues.push({ number: 7000 + issues.length, title, body, isOpen, closedBy: null });
        return 7000 + issues.length - 1;
      }),
  };
}
