import { expect, it } from 'vitest';
import type { Project } from '../../../src/model/project.ts';
import { begun, entryOf, type LandingRig, landedDetail, landingRig, made, request } from './landing-rig.ts';

const workflow = '.github/workflows/ci.yml';

/** A worker, and what each of its tokens was asked for. */
function asking(rig: LandingRig) {
  const asked: boolean[] = [];
  const pushCredentials = async (_: Project, workflows: boolean) => {
    asked.push(workflows);
    return null;
  };
  return { ...rig.worker({ pushCredentials }), asked };
}

it.each`
  title                                | steps                                                    | expected
  ${'that adds one'}                   | ${[{ [workflow]: 'on: push\n' }]}                        | ${true}
  ${'that adds one and takes it back'} | ${[{ [workflow]: 'x\n', a: 'a' }, { [workflow]: null }]} | ${true}
  ${'of other files there'}            | ${[{ '.github/CODEOWNERS': '* @ada\n' }]}                | ${false}
  ${'of files of that name elsewhere'} | ${[{ [`x/${workflow}`]: 'x\n' }]}                        | ${false}
`('a landing $title asks for a token that may change workflows: $expected', async ({ steps, expected }) => {
  const rig = await landingRig();
  const { landing, asked } = asking(rig);
  let head = rig.start;
  for (const files of steps) head = rig.upstream.commit({ on: head, files });
  rig.open(1, head);
  const to = await made(landing, rig.project, request('rebase', rig.start, head));
  const ledger = await begun(landing, rig.project);
  asked.length = 0;
  const push = { branch: 'main', from: rig.start, to, ledger, entry: entryOf(2, landedDetail(rig.start, to)) };
  expect(await landing.land(rig.project, push)).toMatchObject({ kind: 'landed' });
  expect(asked).toEqual([expected]);
});

it('candidates are shown with a token that may change workflows only where the forge asks for it', async () => {
  const rig = await landingRig();
  const { landing, asked } = asking(rig);
  const head = rig.open(1, rig.upstream.commit({ on: rig.start, files: { [workflow]: 'on: push\n' } }));
  const candidate = await made(landing, rig.project, request('squash', rig.start, head));
  const says = 'refusing to allow a GitHub App to create or update workflow without \\`workflows\\` permission';
  rig.hook('update', `[ -e "$GIT_DIR/asked" ] || { touch "$GIT_DIR/asked"; echo "${says}" >&2; exit 1; }`);
  await landing.publish(rig.project, [candidate]);
  expect(asked).toEqual([false, true]);
  expect(rig.upstream.git('for-each-ref', '--format=%(objectname)', 'refs/sluice/candidate')).toBe(candidate);
});
