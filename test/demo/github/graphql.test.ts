import { expect, test } from 'vitest';
import { documents } from '../../../src/adapters/github/documents.ts';
import { documentErrors } from './graphql-schema.ts';
import { acme, asInstallation, withToken } from './setting.ts';

test.each(Object.entries(documents))('the document %s keeps to the schema that GitHub publishes', (_, text) => {
  expect(documentErrors(text)).toEqual([]);
});

test.each`
  text                                                                                       | error
  ${'query A { repository(owner: "a", name: "b") { nme } }'}                                 | ${'Repository has no field nme'}
  ${'query A { repository(owner: "a") { name } }'}                                           | ${'Query.repository: argument name is missing'}
  ${'query A { repository(owner: "a", name: "b", x: 1) { name } }'}                          | ${'Query.repository has no argument x'}
  ${'query A($n: Int!) { repository(owner: $n, name: "b") { name } }'}                       | ${'Query.repository: owner is String!, $n is Int!'}
  ${'query A { repository(owner: "a", name: "b") { owner { ... on Bot { databaseId } } } }'} | ${'Bot can not be a RepositoryOwner'}
  ${'query A { repository(owner: "a", name: "b") }'}                                         | ${'Query.repository needs fields of its own'}
  ${'query A { repository(owner: "a", name: "b") { name { x } } }'}                          | ${'Repository.name has no fields'}
`('the check finds: $error', ({ text, error }) => {
  expect(documentErrors(text)).toEqual([error]);
});

const asked = { owner: 'acme', name: 'app', number: 1, after: null };

async function reviewed() {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const world = await acme({ now: () => (now += 1000), documents });
  const { github } = world;
  const pull = await github.openPullRequest({
    repo: 'acme/app',
    by: 'mia',
    branch: 'more',
    files: { a: '1' },
    body: 'first',
  });
  const review = await github.review({
    repo: 'acme/app',
    number: pull.number,
    by: 'sam',
    state: 'COMMENTED',
    body: '/test all',
  });
  return { ...world, review };
}

interface Texts {
  readonly repository: {
    readonly pullRequest: {
      readonly body: string;
      readonly lastEditedAt: string | null;
      readonly author: { readonly login: string; readonly __typename: string; readonly databaseId: number };
      readonly reviews: {
        readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
        readonly nodes: readonly {
          readonly id: string;
          readonly fullDatabaseId: string;
          readonly body: string;
          readonly lastEditedAt: string | null;
          readonly reactionGroups: readonly { readonly content: string; readonly viewerHasReacted: boolean }[];
        }[];
      };
    };
  };
}

test('a pull request says whether its text and its reviews were edited', async () => {
  const world = await reviewed();
  const { github, review, mia } = world;
  const octokit = asInstallation(world);
  const before = (await octokit.graphql<Texts>(documents.PullRequestTexts, asked)).repository.pullRequest;
  expect(before).toMatchObject({
    body: 'first',
    lastEditedAt: null,
    author: { login: 'mia', __typename: 'User', databaseId: mia.id },
    reviews: {
      nodes: [{ fullDatabaseId: String(review), body: '/test all', lastEditedAt: null, author: { login: 'sam' } }],
    },
  });
  await github.editTitle('acme/app', 1, 'Another', 'mia');
  expect((await octokit.graphql<Texts>(documents.PullRequestTexts, asked)).repository.pullRequest.lastEditedAt).toBe(
    null,
  );
  await github.editBody('acme/app', 1, 'second', 'mia');
  await github.editReview('acme/app', 1, review, '/gate', 'mia');
  const after = (await octokit.graphql<Texts>(documents.PullRequestTexts, asked)).repository.pullRequest;
  expect(after).toMatchObject({ body: 'second', lastEditedAt: expect.stringMatching(/Z$/) });
  expect(after.reviews.nodes).toMatchObject([{ body: '/gate', lastEditedAt: expect.stringMatching(/Z$/) }]);
  expect(github.violations).toEqual([]);
});

test('more than a hundred reviews come in pages', async () => {
  const { github, ...world } = await reviewed();
  for (let n = 0; n < 120; n += 1)
    await github.review({ repo: 'acme/app', number: 1, by: 'sam', state: 'COMMENTED', body: `${n}` });
  const octokit = asInstallation({ github, ...world });
  const first = (await octokit.graphql<Texts>(documents.PullRequestTexts, asked)).repository.pullRequest.reviews;
  expect([first.nodes.length, first.pageInfo.hasNextPage]).toEqual([100, true]);
  const second = (
    await octokit.graphql<Texts>(documents.PullRequestTexts, { ...asked, after: first.pageInfo.endCursor })
  ).repository.pullRequest.reviews;
  expect([second.nodes.length, second.pageInfo.hasNextPage]).toEqual([21, false]);
});

test('a reaction to a review is seen by the one who gave it', async () => {
  const world = await reviewed();
  const octokit = asInstallation(world);
  const read = async () =>
    (await octokit.graphql<Texts>(documents.PullRequestTexts, asked)).repository.pullRequest.reviews.nodes[0];
  const review = await read();
  await octokit.graphql(documents.AddReaction, { subject: review?.id, content: 'THUMBS_UP' });
  expect((await read())?.reactionGroups.filter(({ viewerHasReacted }) => viewerHasReacted)).toEqual([
    { content: 'THUMBS_UP', viewerHasReacted: true },
  ]);
  expect(world.github.violations).toEqual([]);
});

test.each`
  what                         | variables                     | said
  ${'an unknown repository'}   | ${{ ...asked, name: 'none' }} | ${"Could not resolve to a Repository with the name 'acme/none'"}
  ${'an unknown pull request'} | ${{ ...asked, number: 99 }}   | ${'Could not resolve to a PullRequest with the number of 99'}
`('$what is an error, as on GitHub', async ({ variables, said }) => {
  const world = await reviewed();
  await expect(asInstallation(world).graphql(documents.PullRequestTexts, variables)).rejects.toThrow(said);
  expect(world.github.violations).toEqual([]);
});

test('any other document is refused and noted', async () => {
  const world = await reviewed();
  await expect(asInstallation(world).graphql('query Me { viewer { login } }')).rejects.toThrow(
    'not one of the documents',
  );
  expect(world.github.violations).toMatchObject([{ kind: 'graphql' }]);
});

test('who shows no credentials gets nothing', async () => {
  const { github } = await reviewed();
  await expect(withToken(github, undefined).graphql(documents.PullRequestTexts, asked)).rejects.toMatchObject({
    status: 401,
  });
});
