import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { locateDockerfileFailure } from '../../../src/core/pod/locate-failure.ts';
import { computingMs } from '../../harness/computing.ts';

// Logs as kaniko v1.24.0, BuildKit v0.26.3 and buildah 1.28.2 wrote them for the Dockerfile beside them.
const folder = resolve(import.meta.dirname, '../../fixtures/build-logs');
const read = (name: string) => readFileSync(join(folder, name), 'utf8');

type Place = [string, string] | null;

/** Lines, and what the message must hold; null: the log does not say. */
const expected: Readonly<Record<string, { kaniko: Place; buildah: Place }>> = {
  'add-url': { kaniko: ['2-2', 'connection refused'], buildah: ['2-2', 'connection refused'] },
  'broken-base': { kaniko: ['4-4', 'connection refused'], buildah: ['4-4', 'connection refused'] },
  'copy-from-missing': { kaniko: ['4-4', 'lstat /zzz: no such file'], buildah: ['4-4', '"/zzz": no such file'] },
  'copy-wild': { kaniko: null, buildah: ['2-2', 'no such file'] },
  empty: { kaniko: null, buildah: null },
  'exec-form': { kaniko: ['3-3', 'exit status 9'], buildah: ['3-3', 'exit status 9'] },
  // A command that prints what the builder would: it leads to another line with kaniko, and not with buildah, which repeats the step.
  forged: { kaniko: ['4-4', 'exit status 1'], buildah: ['3-3', 'exit status 1'] },
  'from-arg': { kaniko: ['2-2', 'could not parse reference'], buildah: null },
  'missing-file': {
    kaniko: ['4-4', 'lstat absent.txt: no such file'],
    buildah: ['4-4', '"/absent.txt": no such file'],
  },
  'missing-file-plain': { kaniko: ['3-4', 'lstat src/absent.txt'], buildah: ['3-4', '"/src/absent.txt"'] },
  'missing-program': {
    kaniko: ['3-3', 'exit status 127: /bin/sh: frobnicate: not found'],
    buildah: ['3-3', 'exit status 127: /bin/sh: frobnicate: not found'],
  },
  'multi-arg-run': { kaniko: ['4-4', 'exit status 1: A=1 B='], buildah: ['4-4', 'exit status 1: A=1 B='] },
  'no-base': { kaniko: ['1-1', 'connection refused'], buildah: ['1-1', 'connection refused'] },
  'no-stage': { kaniko: ['2-2', 'index.docker.io'], buildah: ['2-2', 'no stage or image found with that name'] },
  'parse-error': { kaniko: ['2-2', 'ENV must have two arguments'], buildah: ['2-2', 'ENV must have two arguments'] },
  repeated: { kaniko: ['5-5', 'exit status 4'], buildah: ['5-5', 'exit status 4'] },
  'run-false': { kaniko: ['9-12', 'exit status 3: world'], buildah: ['9-12', 'exit status 3: world'] },
  'same-twice': { kaniko: ['8-8', "can't open '/made'"], buildah: ['8-8', "can't open '/made'"] },
  tabs: { kaniko: ['3-5', 'exit status 1'], buildah: ['3-5', 'exit status 1'] },
  'unknown-instruction': { kaniko: ['4-4', 'did you mean RUN?'], buildah: ['4-4', 'Unknown instruction: "RUNN"'] },
  variables: { kaniko: ['9-12', 'lstat data/x: no such file'], buildah: ['9-12', '"/data/x": no such file'] },
  'workdir-user': { kaniko: ['4-4', 'nobody99'], buildah: ['4-4', 'nobody99'] },
};

/** BuildKit says itself which lines it failed at. */
const byBuildkit: Readonly<Record<string, Place>> = {
  'add-url': null,
  'broken-base': ['4-4', 'connection refused'],
  'copy-from-missing': ['4-4', '"/zzz": not found'],
  // It is content with a pattern that matches nothing.
  'copy-wild': null,
  empty: null,
  'exec-form': ['3-3', 'exit status 9'],
  forged: ['3-3', 'exit status 1'],
  'from-arg': ['2-2', 'should not be blank'],
  'missing-file': ['4-4', '"/absent.txt": not found'],
  'missing-file-plain': ['3-4', '"/src/absent.txt": not found'],
  'missing-program': ['3-3', 'exit status 127: /bin/sh: frobnicate: not found'],
  'multi-arg-run': ['4-4', 'exit status 1: A=1 B='],
  'no-base': ['1-1', 'connection refused'],
  'no-stage': ['2-2', 'docker.io/library/nowhere'],
  'parse-error': ['2-2', 'ENV must have two arguments'],
  repeated: ['5-5', 'exit status 4'],
  'run-false': ['9-12', 'exit status 3: world'],
  'same-twice': ['8-8', "can't open '/made'"],
  tabs: ['3-5', 'exit status 1: two spaces'],
  'unknown-instruction': ['4-4', 'did you mean RUN?'],
  variables: ['9-12', '"/data/x": not found'],
  'workdir-user': ['4-4', 'nobody99'],
};

const cases = Object.entries(expected).flatMap(([name, by]) =>
  (['kaniko', 'buildkit', 'buildah'] as const).map((builder) => {
    const place = builder === 'buildkit' ? (byBuildkit[name] ?? null) : by[builder];
    return { name, builder, place };
  }),
);

describe('the place of a failure', () => {
  it.each(cases)('is found in the log of $builder for $name: $place', ({ name, builder, place }) => {
    const found = locateDockerfileFailure(read(`${name}.Dockerfile.txt`), read(`${name}.${builder}.txt`));
    expect(found && `${found.line}-${found.endLine}`).toBe(place?.[0] ?? null);
    if (found && place) expect(found.message).toContain(place[1]);
  });

  it('is known for every log that was kept', () => {
    const kept = readdirSync(folder).filter((file) => file.endsWith('.Dockerfile.txt'));
    expect(kept.map((file) => file.replace('.Dockerfile.txt', '')).sort()).toEqual(Object.keys(expected).sort());
    expect(Object.keys(byBuildkit).sort()).toEqual(Object.keys(expected).sort());
  });

  it('is nowhere when the build went well, was cut off, or the log is of another Dockerfile', () => {
    const dockerfile = read('run-false.Dockerfile.txt');
    const log = read('run-false.kaniko.txt');
    expect(locateDockerfileFailure(dockerfile, '')).toBeNull();
    expect(locateDockerfileFailure(dockerfile, log.slice(0, log.indexOf('error building image')))).toBeNull();
    expect(locateDockerfileFailure('FROM scratch\nCOPY a b\n', log)).toBeNull();
    expect(locateDockerfileFailure('', log)).toBeNull();
  });

  it('is never a line that the Dockerfile does not have', () => {
    const error = 'error building image: parsing dockerfile: dockerfile parse error on line 99: unknown instruction: X';
    expect(locateDockerfileFailure('FROM scratch\n', error)).toBeNull();
    const old = 'error building image: parsing dockerfile: dockerfile parse error line 2: unknown instruction: X';
    expect(locateDockerfileFailure('FROM scratch\nX\n', old)).toMatchObject({ line: 2, endLine: 2 });
  });

  it('has a message of one line and at most 300 characters, without escapes', () => {
    const log = `\u001b[36mINFO\u001b[0m[0000] Building stage 'x' [idx: '0', base-idx: '-1']\nINFO[0000] RUN x\n\u001b]8;;http://evil\u0007${'😀'.repeat(900)}\nerror building image: error building stage: failed to execute command: exit status 1`;
    const found = locateDockerfileFailure('FROM scratch\nRUN x\n', log);
    expect(found?.line).toBe(2);
    expect(found?.message.length).toBeLessThanOrEqual(300);
    expect(found?.message).not.toMatch(/[\u0000-\u001f]|evil|[\ud800-\udbff](?![\udc00-\udfff])/);
  });

  it('is found or not, without an exception and in time, whatever both texts hold', () => {
    const line = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        'FROM a AS b',
        'RUN x \\',
        'RUN x',
        '# c',
        'STEP 1/1: RUN x',
        'INFO[0000] RUN x',
        'Error: ',
        'COPY --from=$A b c',
      ),
      fc.constantFrom(
        "INFO[0000] Building stage 'x' [idx: '0', ]",
        'error building image: failed to get files used from context: a',
      ),
    );
    const text = fc.array(line).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, (dockerfile, log) => {
        const found = locateDockerfileFailure(dockerfile, log);
        if (found === null) return;
        expect(found.line).toBeGreaterThan(0);
        expect(found.endLine).toBeGreaterThanOrEqual(found.line);
        expect(found.endLine).toBeLessThanOrEqual(dockerfile.split('\n').length);
      }),
    );
    const many = `INFO[0000] Building stage 'x' [idx: '0', ]\n${'INFO[0000] RUN x\n'.repeat(100_000)}`;
    const dockerfile = `FROM a\n${'RUN x\n'.repeat(20_000)}`;
    const log = `${many}error building image: error building stage: failed to execute command: x`;
    expect(computingMs(() => locateDockerfileFailure(dockerfile, log))).toBeLessThan(2000);
  });
});
