import type { VersionSettings } from '../../model/version-settings.ts';

function listed(words: readonly string[]): string {
  return words.length === 0 ? 'none' : words.join(', ');
}

/** What is done by itself, in one sentence; empty: nothing is. */
function explainAutomation({ automation, scheme }: VersionSettings): readonly string[] {
  const { cutBranch, nextDev, keepBranches } = automation;
  const alsoMain = cutBranch ? ', and for main once one became final there' : '';
  const raises =
    scheme === 'date-epoch'
      ? 'no dev version is proposed, as date-epoch has none'
      : `a pull request proposes the next dev version once one is released${alsoMain}`;
  const done = [
    ...(cutBranch ? ['a version that main leaves gets its release branch'] : []),
    ...(nextDev ? [raises] : []),
    ...(keepBranches === null
      ? []
      : [
          `a push to main, where that is the default branch, closes release branches beside the newest ${keepBranches} of each pattern, but for those with an open pull request; refs/sluice/closed/ keeps them`,
        ]),
  ];
  return done.length === 0 ? [] : [`version: by itself, ${done.join('; ')}`];
}

/** What a project's `version:` comes to, one sentence for each thing that was decided, for people. */
export function explainVersion(settings: VersionSettings): readonly string[] {
  const { components, scheme, main, releaseBranches, dev, release } = settings;
  const files = components.map(({ name, file }) => (name === null ? file : `${name} in ${file}`)).join(', ');
  const written = typeof scheme === 'string' ? scheme : `as ${scheme.regex}`;
  const branches = dev.branches?.map(({ source }) => source) ?? [
    main ?? 'the default branch',
    ...releaseBranches.map(({ source }) => source),
  ];
  const who = release.initiators === null ? 'whoever may push there' : release.initiators.join(', ');
  const moving = release.moving.length === 0 ? '' : `, and ${listed(release.moving)} at the highest`;
  return [
    `version: ${files} (${written}), main is ${main ?? 'the default branch'}`,
    `version: dev images of ${listed(branches)} are tagged ${listed(dev.tags)}; no image for ${listed(dev.skipIfOnly.map(({ source }) => source))} alone`,
    `version: releases from ${listed(releaseBranches.map(({ source }) => source))} by ${who} are tagged ${listed(release.tags)}${moving}`,
    ...explainAutomation(settings),
  ];
}
