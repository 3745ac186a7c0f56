import { expect, it } from 'vitest';
import { personFrom, personFromWriter } from '../../../src/adapters/github/people.ts';

const ghost = { id: 10_137, login: 'ghost', kind: 'user' };

it.each`
  user                                              | expected
  ${{ id: 1, login: 'ada', type: 'User' }}          | ${{ id: 1, login: 'ada', kind: 'user' }}
  ${{ id: 2, login: 'renovate[bot]', type: 'Bot' }} | ${{ id: 2, login: 'renovate[bot]', kind: 'bot' }}
  ${null}                                           | ${ghost}
`('REST: $user is $expected', ({ user, expected }) => expect(personFrom(user)).toEqual(expected));

it.each`
  writer                                                          | expected
  ${{ __typename: 'User', login: 'ada', databaseId: 1 }}          | ${{ id: 1, login: 'ada', kind: 'user' }}
  ${{ __typename: 'Bot', login: 'renovate', databaseId: 2 }}      | ${{ id: 2, login: 'renovate[bot]', kind: 'bot' }}
  ${{ __typename: 'Bot', login: 'renovate[bot]', databaseId: 2 }} | ${{ id: 2, login: 'renovate[bot]', kind: 'bot' }}
  ${{ __typename: 'EnterpriseUserAccount', login: 'x' }}          | ${ghost}
  ${null}                                                         | ${ghost}
`('GraphQL: $writer is $expected', ({ writer, expected }) => expect(personFromWriter(writer)).toEqual(expected));
