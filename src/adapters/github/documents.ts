const writer = `fragment Writer on Actor {
  __typename
  login
  ... on User { databaseId }
  ... on Bot { databaseId }
  ... on Mannequin { databaseId }
  ... on Organization { databaseId }
}`;

/**
 * Every GraphQL document that is ever sent, by operation name. Only what REST cannot say is asked this way: whether a
 * review or a pull request's text was edited, reactions to reviews, which conversations are resolved, and
 * (by fewer calls) which commits are signed and when a head was last forced.
 */
export const documents = {
  PullRequestTexts: `query PullRequestTexts($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      number
      body
      createdAt
      lastEditedAt
      author { ...Writer }
      reviews(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes {
          id
          fullDatabaseId
          body
          createdAt
          submittedAt
          lastEditedAt
          author { ...Writer }
          reactionGroups { content viewerHasReacted }
        }
      }
    }
  }
}
${writer}`,
  PullRequestFacts: `query PullRequestFacts(
  $owner: String!
  $name: String!
  $number: Int!
  $threads: String
  $commits: String
) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      headRefOid
      reviewDecision
      reviewThreads(first: 100, after: $threads) {
        pageInfo { hasNextPage endCursor }
        nodes { isResolved }
      }
      commits(first: 100, after: $commits) {
        pageInfo { hasNextPage endCursor }
        nodes { commit { signature { isValid } } }
      }
    }
  }
}`,
  ForcePushes: `query ForcePushes($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      timelineItems(itemTypes: HEAD_REF_FORCE_PUSHED_EVENT, last: 1) {
        nodes { ... on HeadRefForcePushedEvent { createdAt } }
      }
    }
  }
}`,
  AddReaction: `mutation AddReaction($subject: ID!, $content: ReactionContent!) {
  addReaction(input: { subjectId: $subject, content: $content }) {
    reaction { content }
  }
}`,
} as const satisfies Readonly<Record<string, string>>;
