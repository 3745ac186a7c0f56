import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeFeatures } from '../../src/core/builders/judge-features.ts';
import { fileFeatures } from '../../src/core/from/file-features.ts';
import {
  type BuilderRig,
  type BuilderStage,
  type BuilderSubject,
  createBuilderRig,
  openBuilderStage,
} from './builder-rig.ts';

const shell = [
  'FROM scratch AS shell',
  'COPY busybox /bin/busybox',
  'RUN ["/bin/busybox", "ln", "-s", "busybox", "/bin/sh"]',
];

/** Begins with a stage 'shell', as nothing else could run a command. */
function dockerfile(...lines: readonly string[]): string {
  return [...shell, ...lines, ''].join('\n');
}

/** Where a builder, or its pod, would like to have something of its own (builders.md §4). */
const places = ['/workspace', '/src', '/app', '/tmp', '/home', '/out', '/build'];

const everywhere = places.map((place) => `/bin/busybox mkdir -p ${place} && echo kept > ${place}/kept`).join(' && ');

const files = {
  Dockerfile: dockerfile(
    'FROM shell AS made',
    `RUN ${everywhere}`,
    'FROM shell',
    'COPY . /context/',
    ...places.map((place) => `COPY --from=made ${place}/kept /from${place}/kept`),
    'COPY --chown=7:8 note.txt /owned/by/seven',
    `RUN ${everywhere}`,
    'RUN /bin/busybox chmod 4750 /bin/sh /context/note.txt && /bin/busybox chown 5:6 /context/kept.log',
    'RUN /bin/busybox rm -r /context/deep && /bin/busybox touch -d @1 /context/same.txt',
    // Of the same size and time as before.
    'RUN echo 12 > /context/same.txt && /bin/busybox touch -d @1 /context/same.txt',
    'WORKDIR /work',
    'USER 9:9',
    'ADD packed/two.txt added/',
  ),
  '.dockerignore': 'Dockerfile\n*.log\n!kept.log\n',
  'note.txt': 'note\n',
  'same.txt': '11\n',
  'left-out.log': 'x\n',
  'kept.log': 'x\n',
  'deep/er/one.txt': '1\n',
  'packed/two.txt': '2\n',
  'with space/grün.txt': 'grün\n',
  'run.sh': { mode: '100755', content: '#!/bin/sh\n' },
  'link.txt': { mode: '120000', content: 'note.txt' },
} as const;

/** What a runtime mounts there while a command runs; some builders leave the empty places in the image. */
const stubs = ['/dev', '/proc', '/sys', '/run', '/etc', '/etc/hostname', '/etc/hosts', '/etc/resolv.conf'];

const folder = 'folder 755 0:0';

/** One file in each of the places below 'root', and their folders. */
function keptBelow(root: string): readonly (readonly [string, string])[] {
  return places.flatMap((place) => [
    [`${root}${place}`, folder],
    [`${root}${place}/kept`, 'file 644 0:0 "kept\\n"'],
  ]);
}

const copied: Readonly<Record<string, unknown>> = {
  '': folder,
  '/.dockerignore': 'file 644 0:0 "Dockerfile\\n*.log\\n!kept.log\\n"',
  '/busybox': expect.stringMatching('^file 755 0:0 '),
  '/kept.log': 'file 644 5:6 "x\\n"',
  '/link.txt': 'link 0:0 to note.txt',
  '/note.txt': 'file 4750 0:0 "note\\n"',
  '/packed': 'folder 755 0:0',
  '/packed/two.txt': 'file 644 0:0 "2\\n"',
  '/run.sh': 'file 755 0:0 "#!/bin/sh\\n"',
  '/same.txt': 'file 644 0:0 "12\\n"',
  '/with space': 'folder 755 0:0',
  '/with space/grün.txt': 'file 644 0:0 "grün\\n"',
};

/** The image of `files` as Docker makes it: what is copied is root's, unless it says otherwise. */
const expected: Readonly<Record<string, unknown>> = {
  ...Object.fromEntries(Object.entries(copied).map(([path, what]) => [`/context${path}`, what])),
  ...Object.fromEntries([...keptBelow(''), ...keptBelow('/from')]),
  '/from': folder,
  '/bin': 'folder 755 0:0',
  '/bin/busybox': expect.stringMatching('^file 4750 0:0 '),
  '/bin/sh': 'link 0:0 to busybox',
  '/owned': 'folder 755 7:8',
  '/owned/by': 'folder 755 7:8',
  '/owned/by/seven': 'file 644 7:8 "note\\n"',
  '/work': folder,
  '/work/added': 'folder 755 0:0',
  '/work/added/two.txt': 'file 644 0:0 "2\\n"',
};

const failures = [
  ['where a command fails', ['FROM shell', 'RUN echo 1', 'RUN echo 2 && exit 9'], 6],
  ['where a stage is broken that nothing refers to', ['FROM shell AS unused', 'RUN exit 3', 'FROM shell'], 5],
] as const;

/** What the table of builders (src/core/builders/judge-features.ts) says that a builder does, or does wrong. */
const features = [
  ['a mount', ['RUN --mount=target=/m /bin/busybox cat /m/note.txt > /made']],
  ['a heredoc', ['RUN <<END', 'echo note > /made', 'END']],
] as const;

/** What every builder must do with one commit, whatever its pod looks like (builders.md §7); `host`: where builds reach this machine. */
export function builderContract(
  name: string,
  host: () => Promise<string>,
  makeSubject: (place: BuilderStage) => Promise<BuilderSubject>,
): void {
  describe(`${name}, as a builder`, { timeout: 120_000 }, () => {
    let place: BuilderStage;
    let subject: BuilderSubject;
    let rig: BuilderRig;

    beforeAll(async () => {
      place = await openBuilderStage(await host());
      subject = await makeSubject(place);
      rig = createBuilderRig(place, subject);
    }, 180_000);

    afterAll(async () => {
      await subject?.end();
      await place?.end();
    }, 60_000);

    it('says what it came to, and nothing to the registry, where nothing is to be pushed', async () => {
      const { judged, log } = await rig.build({ Dockerfile: dockerfile() });
      expect(judged, log).toMatchObject({ result: 'success', image: { digest: expect.stringMatching(/^sha256:/) } });
      expect(rig.asked()).toEqual([]);
    });

    it('puts the same files into the image, whose digest is what the registry has', async () => {
      const { judged, log } = await rig.upload('acme/same', files);
      expect(judged, log).toMatchObject({ result: 'success' });
      const digest = judged.image?.digest ?? '';
      expect(await rig.digestOf('acme/same')).toBe(digest);
      const found = [...(await rig.filesOf('acme/same', digest))].filter(([path]) => !stubs.includes(path));
      expect(Object.fromEntries(found)).toEqual(expected);
    });

    it.concurrent.each(features)('does %s right where it is begun, and wrong where it is refused', async (_, lines) => {
      const Dockerfile = dockerfile('FROM shell', ...lines);
      const { refused } = judgeFeatures(fileFeatures(Dockerfile, null), subject.pool.builder);
      const name = `acme/feature-${lines.length}`;
      const { judged, log } = await rig.upload(name, { Dockerfile, 'note.txt': 'note\n' });
      const built = judged.image === null ? new Map() : await rig.filesOf(name, judged.image.digest);
      const isRight = built.get('/made') === 'file 644 0:0 "note\\n"';
      expect(isRight, `${refused[0]?.because}\n${log}`).toBe(refused.length === 0);
    });

    it.concurrent.each(failures)('is red %s, the line is known, and nothing is uploaded', async (_, lines, line) => {
      const broken = `acme/broken-${line}-${lines.length}`;
      const { judged, log, at } = await rig.upload(broken, { Dockerfile: dockerfile(...lines) });
      expect(judged, log).toMatchObject({ result: 'failure', retry: false });
      expect(at, log).toBe(line);
      expect(await rig.digestOf(broken)).toBeNull();
    });
  });
}
