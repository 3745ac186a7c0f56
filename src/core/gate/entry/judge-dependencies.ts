import { type Dependency, type EntryQuestion, type Finding, heldUp, type Missing, met, named } from './question.ts';
import type { RefusedDependency } from './read-dependencies.ts';

type Waiting = Exclude<Dependency['state'], 'landed' | 'ahead'>;

const whatToDo: Readonly<Record<Waiting, string>> = {
  'not-asked': `which nobody asked to land. Ask for it there with ${named('/gate')}; this one then follows by itself`,
  asked: 'which was asked for and is not in the queue yet. This one follows by itself',
  closed: 'which was closed and has not landed. Open it again, or take the line out of the description',
  'other-queue':
    'which lands by another queue and has not yet. This one follows by itself once it has; to be tested together, both projects name one queue in `gate.queue`',
  unknown: 'about which nothing could be read. It is read again by itself',
};

function judgeDependency({ number, project, state }: Dependency): Finding {
  // Neither named nor told about: whether it exists is that project's own affair.
  if (project === null) {
    return state === 'landed' || state === 'ahead'
      ? met('dependency', 'It depends on a change of a project that is not shown here, which comes before it.')
      : heldUp(
          'dependency',
          'It depends on a change of a project that is not shown here, which has not landed. This one follows by itself once it has.',
        );
  }
  const change = named(`${project}#${number}`);
  if (state === 'landed') return met('dependency', `It depends on ${change}, which has landed.`);
  if (state === 'ahead') return met('dependency', `It depends on ${change}, which is ahead in this queue.`);
  return heldUp('dependency', `It depends on ${change}, ${whatToDo[state]}.`);
}

function judgeRefused({ line, because }: RefusedDependency): Finding {
  return heldUp(
    'dependency',
    `What it depends on could not be understood: ${named(line)}. In the description, ${because}.`,
  );
}

/** Every change that it depends on has landed, or is ahead of it in the same queue. */
export function judgeDependencies({ dependencies, refusedDependencies }: EntryQuestion): Finding[] {
  const found = [...dependencies.map(judgeDependency), ...refusedDependencies.map(judgeRefused)];
  return [...new Map(found.map((each) => [each.text, each])).values()];
}

/** What is said of changes that wait for each other: they can only land together or not at all, and never enter so. */
export function missingOfCycle(members: readonly Pick<Dependency, 'number' | 'project'>[]): Missing {
  const names = members.map(({ number, project }) =>
    project === null ? 'a change that is not shown here' : named(`${project}#${number}`),
  );
  const [first = 'itself'] = names;
  const text = `It depends on itself: ${[...names, first].join(' → ')}. Take one of these ${named('Depends-On:')} lines out.`;
  return { what: 'cycle', text, postpones: false };
}
