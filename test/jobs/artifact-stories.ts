import { describe, expect, it } from 'vitest';
import type { KeptFiles } from '../../src/model/job.ts';
import type { BuildOrder } from '../../src/model/order.ts';
import type { Sha } from '../../src/model/sha.ts';
import { commandOrder } from '../core/pod/order-fixture.ts';
import { commitOf, runOrder, type UploadSubject } from './upload-stories.ts';

/** Where jobs run that keep files for each other. */
export interface ArtifactSubject extends UploadSubject {
  /** What a commit's commands run in: an image with a shell and its programs. */
  readonly imageOf: (commit: Sha) => Promise<string>;
}

const tag = 'change_7_aaaaaaaaaaaa_artifacts-compile';

async function orderOf(subject: ArtifactSubject, commit: Sha, command: string, more: Partial<KeptFiles> = {}) {
  const repository = `${subject.host}/acme/artifacts`;
  const artifacts = { paths: ['bin'], repository, maxBytes: 1_000_000, ...more };
  const order = commandOrder({
    trust: 'approved',
    job: { resources: { cpu: '1', memory: '1Gi', ephemeralStorage: '2Gi' }, timeoutSeconds: 120 },
    heads: [],
    parts: { commit, entry: command },
    content: { image: await subject.imageOf(commit), command, artifacts },
  });
  return { ...order, upload: { repository, tag, branch: 'main' } };
}

function takerOf(order: BuildOrder): BuildOrder {
  const { content } = order.job;
  if (content.template !== 'run') throw new Error('no command');
  const { artifacts: _kept, ...rest } = content;
  const { upload: _place, ...plain } = order;
  return { ...plain, job: { ...order.job, content: rest } };
}

// Wherever a command can look: the credential in both of its forms.
const look =
  'for f in /.sluice /proc/self/environ; do grep -rlsF -e dXBsb2Fk""ZXI6 -e correct""-horse $f | sed "s/^/found: /"; done; echo looked';

/** What is promised of files that one job makes for another, wherever they run. */
export function artifactStories(subject: () => ArtifactSubject): void {
  describe('an artifact', () => {
    it('that one job made is there for the next one, and neither command finds the credential', async () => {
      const { stage, registry, host } = subject();
      const commit = commitOf(stage);
      const makes = await orderOf(subject(), commit, `mkdir bin && echo 'made here' > bin/app && ${look}`);
      const secrets = registry.files(undefined, host);
      const kept = await runOrder(subject(), makes, { 'registry-keep': secrets });
      expect(kept.judged, kept.log).toMatchObject({
        result: 'success',
        because: 'it passed, and its artifacts were kept',
        image: { bytes: 10, layers: 1, uploaded: { repository: `${host}/acme/artifacts`, tag } },
      });
      expect(await registry.digestOf('acme/artifacts', tag)).toBe(kept.judged.image?.digest);
      const digest = kept.judged.image?.digest;
      if (digest === undefined) throw new Error('nothing was kept');
      const from = { repository: `${host}/acme/artifacts`, digest };
      const takes = { branch: 'main', artifacts: [{ job: 'compile', from, bytes: 10 }] };
      const order = takerOf(await orderOf(subject(), commit, `cat "$ARTIFACTS/compile/bin/app" && ${look}`));
      const end = await runOrder(subject(), { ...order, takes }, { 'registry-take': secrets });
      expect(end.judged, end.log).toMatchObject({ result: 'success', because: 'it passed', image: null });
      expect(end.log).toContain('made here');
      for (const { log } of [kept, end]) {
        expect(log).toContain('looked');
        expect(log).not.toContain('found: ');
      }
    });

    it('that is a link, or was never made, is the change’s failure, and nothing is kept', async () => {
      const { stage, registry, host } = subject();
      const commit = commitOf(stage);
      const secrets = { 'registry-keep': registry.files(undefined, host) };
      const repository = `${host}/acme/none`;
      for (const [command, words] of [
        ['mkdir bin && ln -s /etc/passwd bin/users', 'is a link'],
        ['true', 'is not there'],
      ] as const) {
        const order = await orderOf(subject(), commit, command, { repository });
        const end = await runOrder(subject(), { ...order, upload: { ...order.upload, repository } }, secrets);
        expect(end.judged, end.log).toMatchObject({
          result: 'failure',
          because: expect.stringContaining(words),
          image: null,
        });
      }
      expect(await registry.tagsOf('acme/none')).toEqual([]);
    });

    it('of a command that fails is not kept', async () => {
      const { stage, registry, host } = subject();
      const order = await orderOf(subject(), commitOf(stage), 'mkdir bin && echo half > bin/app && exit 3', {
        repository: `${host}/acme/failed`,
      });
      const upload = { ...order.upload, repository: `${host}/acme/failed` };
      const secrets = { 'registry-keep': registry.files(undefined, host) };
      const end = await runOrder(subject(), { ...order, upload }, secrets);
      expect(end.judged, end.log).toMatchObject({ result: 'failure', because: 'command ended with exit code 3' });
      expect(await registry.tagsOf('acme/failed')).toEqual([]);
    });
  });
}
