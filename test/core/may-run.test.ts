import { describe, expect, it } from 'vitest';
import { approvalOf, judgeTrust, mayRun, type RunQuestion } from '../../src/core/may-run.ts';
import type { Person, Rights } from '../../src/model/person.ts';
import type { Approval } from '../../src/model/pull-request.ts';
import type { TrustSettings } from '../../src/model/trust.ts';
import { people, rights, sha, unreadable } from '../fakes/model-data.ts';

const members: TrustSettings = { trust: 'members', trustedApps: [22] };
const collaborators: TrustSettings = { trust: 'collaborators', trustedApps: [] };

describe('trusted = write, maintain or admin, member of the organisation, or a listed App (commands.md §3)', () => {
  it.each`
    who               | rights                    | settings         | trusted
    ${people.mallory} | ${rights('none')}         | ${members}       | ${false}
    ${people.mallory} | ${rights('read')}         | ${members}       | ${false}
    ${people.mallory} | ${rights('triage')}       | ${members}       | ${false}
    ${people.mallory} | ${rights('write')}        | ${members}       | ${true}
    ${people.mallory} | ${rights('maintain')}     | ${members}       | ${true}
    ${people.mallory} | ${rights('admin')}        | ${members}       | ${true}
    ${people.mia}     | ${rights('none', true)}   | ${members}       | ${true}
    ${people.mia}     | ${rights('read', true)}   | ${members}       | ${true}
    ${people.mia}     | ${rights('read', true)}   | ${collaborators} | ${false}
    ${people.mia}     | ${rights('triage', true)} | ${collaborators} | ${false}
    ${people.mia}     | ${rights('write', true)}  | ${collaborators} | ${true}
    ${people.listed}  | ${rights('none')}         | ${members}       | ${true}
    ${people.listed}  | ${unreadable}             | ${members}       | ${true}
    ${people.listed}  | ${rights('none')}         | ${collaborators} | ${false}
    ${people.robot}   | ${rights('none')}         | ${members}       | ${false}
    ${people.robot}   | ${rights('read', true)}   | ${members}       | ${false}
    ${people.mallory} | ${unreadable}             | ${members}       | ${false}
    ${people.ada}     | ${unreadable}             | ${collaborators} | ${false}
  `('$who.login with $rights under $settings.trust: $trusted', ({ who, rights: had, settings, trusted }) => {
    const answer = judgeTrust(who, had, settings);
    expect(answer.trusted).toBe(trusted);
    expect(answer.because).toContain(who.login);
  });

  it('goes by the numeric id: the name of a listed App is worth nothing (intake A36)', () => {
    const impostor: Person = { ...people.listed, id: 99 };
    const renamed: Person = { ...people.listed, login: 'another-name[bot]' };
    expect(judgeTrust(impostor, rights('none'), members).trusted).toBe(false);
    expect(judgeTrust(renamed, rights('none'), members).trusted).toBe(true);
  });

  it('does not take a person for a listed App because of an equal id', () => {
    expect(judgeTrust({ ...people.listed, kind: 'user' }, rights('none'), members).trusted).toBe(false);
  });
});

const head = sha('a');

function approval(over: Partial<Approval> = {}): Approval {
  return { head, by: people.boss, permission: 'admin', at: 5, ...over };
}

function ask(over: Partial<RunQuestion>) {
  return mayRun({
    head,
    presentHead: head,
    author: people.mallory,
    authorRights: rights('read'),
    approvals: [],
    asker: { kind: 'automatic' },
    settings: members,
    ...over,
  });
}

function person(who: Person, had: Rights): RunQuestion['asker'] {
  return { kind: 'person', person: who, rights: had };
}

const stranger = person(people.mallory, rights('read'));
const writer = person(people.boss, rights('write'));
const unknown = person(people.boss, unreadable);
const write = rights('write');

describe('may code of this head be built', () => {
  it.each`
    author            | approvals                         | asker                    | expected
    ${rights('read')} | ${[]}                             | ${{ kind: 'automatic' }} | ${'unapproved'}
    ${rights('read')} | ${[]}                             | ${writer}                | ${'unapproved'}
    ${rights('read')} | ${[]}                             | ${stranger}              | ${'unapproved'}
    ${rights('read')} | ${[approval()]}                   | ${{ kind: 'automatic' }} | ${'approved'}
    ${rights('read')} | ${[approval()]}                   | ${stranger}              | ${'approved'}
    ${rights('read')} | ${[approval()]}                   | ${unknown}               | ${'approved'}
    ${rights('read')} | ${[approval({ head: sha('b') })]} | ${{ kind: 'automatic' }} | ${'unapproved'}
    ${unreadable}     | ${[]}                             | ${{ kind: 'automatic' }} | ${'unreadable'}
    ${unreadable}     | ${[]}                             | ${writer}                | ${'unreadable'}
    ${unreadable}     | ${[approval()]}                   | ${{ kind: 'automatic' }} | ${'approved'}
    ${write}          | ${[]}                             | ${{ kind: 'automatic' }} | ${'untrusted'}
    ${write}          | ${[]}                             | ${writer}                | ${'untrusted'}
    ${write}          | ${[]}                             | ${stranger}              | ${'sender'}
    ${write}          | ${[]}                             | ${unknown}               | ${'unreadable'}
    ${write}          | ${[approval()]}                   | ${stranger}              | ${'approved'}
  `('author $author, approvals $approvals.length, asked by $asker.kind: $expected', (row) => {
    const { author, approvals, asker, expected } = row;
    const answer = ask({ authorRights: author, approvals, asker });
    expect(answer.run ? answer.trust : answer.kind).toBe(expected);
    expect(answer.because).not.toBe('');
  });

  it('runs nothing of a head that is not the present one, whoever approved it (intake A1, A3)', () => {
    const answer = ask({ presentHead: sha('b'), approvals: [approval()], authorRights: write });
    expect(answer).toMatchObject({ run: false, kind: 'head-moved' });
  });

  it('never gives a trusted author’s code more than the untrusted class: nobody approved it at that commit', () => {
    expect(ask({ authorRights: rights('admin') })).toMatchObject({ run: true, trust: 'untrusted' });
  });

  it('counts an approval for the whole id only (intake A2)', () => {
    const cut = head.slice(0, 12) as typeof head;
    expect(approvalOf(head, [approval({ head: cut })])).toBeNull();
    expect(approvalOf(head, [approval()])?.by.login).toBe('boss');
  });
});
