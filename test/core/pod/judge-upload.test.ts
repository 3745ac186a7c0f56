import { describe, expect, it } from 'vitest';
import { exitCodes } from '../../../jobs/steps/step-failure.ts';
import { judgePod } from '../../../src/core/pod/judge-pod.ts';
import { digest, exited, measured, podOf, waiting } from './observed-pod.ts';

const done = exited(0);
const uploaded = {
  repository: '127.0.0.1:5000/acme/api',
  tag: 'change_12_aaaaaaaaaaaa_latest',
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  manifestBytes: 501,
};
const image = { digest, bytes: 1234, layers: 2 };

function judge(message: string, container = 'upload') {
  const pod = podOf({ checkout: done, build: done, [container]: exited(0, { message }) }, { phase: 'succeeded' });
  return judgePod(pod, { buildsImage: true, logTail: '' });
}

function failed(exitCode: number, message = 'the registry says no') {
  const pod = podOf({ checkout: done, build: done, upload: exited(exitCode, { message }) });
  return judgePod(pod, { buildsImage: true, logTail: '' });
}

describe('a pod that uploaded', () => {
  it('gives the image with its place', () => {
    expect(judge(JSON.stringify({ ...image, uploaded }))).toMatchObject({
      result: 'success',
      because: 'it was built and uploaded',
      image: { ...image, uploaded },
    });
  });

  it('is believed in nothing that it says besides', () => {
    const found = judge(JSON.stringify({ ...image, more: 1, uploaded: { ...uploaded, token: 'x' } }));
    expect(found).toHaveProperty('image', { ...image, uploaded });
  });

  it.each([
    ['nothing of an upload', measured],
    ['a place that is none', JSON.stringify({ ...image, uploaded: null })],
    ['a list', JSON.stringify({ ...image, uploaded: [uploaded] })],
    ['no repository', JSON.stringify({ ...image, uploaded: { ...uploaded, repository: undefined } })],
    ['a repository without host', JSON.stringify({ ...image, uploaded: { ...uploaded, repository: 'api' } })],
    ['a repository with a tag', JSON.stringify({ ...image, uploaded: { ...uploaded, repository: 'quay.io/a/b:1' } })],
    [
      'a repository with a way out',
      JSON.stringify({ ...image, uploaded: { ...uploaded, repository: 'quay.io/../b' } }),
    ],
    ['a tag with a line end', JSON.stringify({ ...image, uploaded: { ...uploaded, tag: 'a\n' } })],
    ['a tag that is too long', JSON.stringify({ ...image, uploaded: { ...uploaded, tag: 'a'.repeat(129) } })],
    ['a tag in a list', JSON.stringify({ ...image, uploaded: { ...uploaded, tag: ['a'] } })],
    ['another media type', JSON.stringify({ ...image, uploaded: { ...uploaded, mediaType: 'text/html' } })],
    ['half a byte', JSON.stringify({ ...image, uploaded: { ...uploaded, manifestBytes: 0.5 } })],
    ['the place in the prototype', `{"digest":"${digest}","bytes":1,"layers":1,"__proto__":{"uploaded":{}}}`],
    ['4,097 bytes', JSON.stringify({ ...image, uploaded }).padEnd(4097)],
  ])('is our error, and no exception, when it says %s', (_title, message) => {
    expect(judge(message)).toMatchObject({ result: 'error', retry: true, image: null });
  });

  it('is our error when the image was only to be measured: nobody else uploads', () => {
    const said = judge(JSON.stringify({ ...image, uploaded }), 'measure');
    expect(said).toMatchObject({ result: 'error', image: null });
  });
});

describe('an upload that failed', () => {
  it.each([
    ['the registry is away', exitCodes.registryAway, 'the registry could not be used', true],
    ['the registry refuses', exitCodes.registryRefused, 'the registry did not take it from us', true],
    ['the layout is broken', exitCodes.brokenImage, 'our step upload ended with exit code 16', true],
    ['it was asked for nonsense', exitCodes.badInput, 'something impossible', false],
    ['it crashed', 1, 'exit code 1', true],
  ])('is our error with the words when %s', (_title, code, words, retry) => {
    const found = failed(code);
    expect(found).toMatchObject({ result: 'error', retry, image: null, because: expect.stringContaining(words) });
    expect(found).toMatchObject({ because: expect.stringContaining('`the registry says no`') });
  });

  it('never got its image: ours', () => {
    const pod = podOf({ checkout: done, build: done, upload: waiting('ErrImagePull', 'gone') }, { phase: 'pending' });
    expect(judgePod(pod, { buildsImage: true, logTail: '' })).toMatchObject({ result: 'error', retry: true });
  });
});
