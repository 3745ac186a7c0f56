import { describe, expect, it } from 'vitest';
import { judgePaths } from '../../src/core/match-paths.ts';
import type { ChangedFiles } from '../../src/model/matcher.ts';
import { matchers } from '../fakes/model-data.ts';

const unknown: ChangedFiles = { known: false, because: 'more than 3,000 files' };

function files(...paths: readonly string[]): ChangedFiles {
  return { known: true, paths };
}

describe('path matchers see the net change and have three answers (commands.md §1)', () => {
  it.each`
    onlyIf         | skipIf         | changed                           | expected
    ${null}        | ${null}        | ${files('src/main.go')}           | ${'none'}
    ${null}        | ${null}        | ${unknown}                        | ${'none'}
    ${['src/**']}  | ${null}        | ${files('src/main.go')}           | ${'hit'}
    ${['src/**']}  | ${null}        | ${files('docs/a.md')}             | ${'miss'}
    ${['src/**']}  | ${null}        | ${files('docs/a.md', 'src/b.go')} | ${'hit'}
    ${['a', 'b']}  | ${null}        | ${files('b')}                     | ${'hit'}
    ${['src/**']}  | ${null}        | ${files()}                        | ${'miss'}
    ${['src/**']}  | ${null}        | ${unknown}                        | ${'unknown'}
    ${null}        | ${['docs/**']} | ${files('docs/a.md')}             | ${'miss'}
    ${null}        | ${['docs/**']} | ${files('docs/a.md', 'go.mod')}   | ${'hit'}
    ${null}        | ${['docs/**']} | ${files()}                        | ${'hit'}
    ${null}        | ${['docs/**']} | ${unknown}                        | ${'unknown'}
    ${['**/*.md']} | ${['docs/**']} | ${files('docs/a.md')}             | ${'miss'}
    ${['**/*.md']} | ${['docs/**']} | ${files('docs/a.md', 'x/b.md')}   | ${'hit'}
    ${['src/**']}  | ${['docs/**']} | ${files('docs/a.md')}             | ${'miss'}
  `('onlyIf $onlyIf, skipIf $skipIf on $changed is $expected', ({ onlyIf, skipIf, changed, expected }) => {
    const compiled = { onlyIf: onlyIf && matchers(...onlyIf), skipIf: skipIf && matchers(...skipIf) };
    expect(judgePaths(compiled, changed).answer).toBe(expected);
  });

  it('counts a rename under both of its names: the one that matches decides', () => {
    const changed = files('old/place.go', 'new/place.go');
    expect(judgePaths({ onlyIf: matchers('old/**'), skipIf: null }, changed).answer).toBe('hit');
    expect(judgePaths({ onlyIf: matchers('new/**'), skipIf: null }, changed).answer).toBe('hit');
    expect(judgePaths({ onlyIf: null, skipIf: matchers('new/**') }, changed).answer).toBe('hit');
  });
});

describe('every answer has a reason that its author can read', () => {
  it.each`
    onlyIf        | skipIf         | changed                      | reason
    ${['src/**']} | ${null}        | ${files('src/main.go')}      | ${'`src/main.go` changed and matches `src/**`'}
    ${['a', 'b']} | ${null}        | ${files('c', 'd')}           | ${'none of the 2 changed files matches `a`, `b`'}
    ${null}       | ${['docs/**']} | ${files('docs/a')}           | ${'only files that match `docs/**` changed'}
    ${null}       | ${['docs/**']} | ${files('docs/a', 'go.mod')} | ${'`go.mod` changed, which `docs/**` does not cover'}
    ${null}       | ${['docs/**']} | ${files()}                   | ${'no changed file is named, so nothing says that it may be skipped'}
    ${['src/**']} | ${null}        | ${unknown}                   | ${'the changed files could not be read whole (more than 3,000 files): in doubt, build'}
  `('$reason', ({ onlyIf, skipIf, changed, reason }) => {
    const compiled = { onlyIf: onlyIf && matchers(...onlyIf), skipIf: skipIf && matchers(...skipIf) };
    expect(judgePaths(compiled, changed).because).toBe(reason);
  });

  it('shows a file name as code, whatever is in it', () => {
    const answer = judgePaths({ onlyIf: matchers('**'), skipIf: null }, files('a`b\n@everyone'));
    expect(answer.because).toContain('``a`b @everyone``');
  });
});
