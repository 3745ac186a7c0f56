import { expect, it } from 'vitest';
import { tagBeside } from '../../src/model/registry.ts';
import { toDigest } from '../../src/model/sha.ts';

const digest = toDigest(`sha256:${'ab12'.repeat(16)}`);

it('names the same candidate and ends the same, so that it is found and taken away like the others', () => {
  expect(tagBeside('change_7_0123456789ab_latest-linux-arm64', digest)).toBe(
    'change_7_0123456789ab_ab12ab12ab12_latest-linux-arm64',
  );
});

it('stays a tag, however long it was', () => {
  const beside = tagBeside(`change_7_0123456789ab_${'x'.repeat(100)}-linux-amd64`, digest);
  expect(beside).toHaveLength(128);
  expect(beside).toMatch(/^change_7_0123456789ab_ab12ab12ab12_x+-linux-amd64$/);
});

it('is another one for another digest, and the same for the same', () => {
  const other = toDigest(`sha256:${'cd34'.repeat(16)}`);
  expect(tagBeside('change_7_0123456789ab_v1', other)).not.toBe(tagBeside('change_7_0123456789ab_v1', digest));
  expect(tagBeside('change_7_0123456789ab_v1', digest)).toBe(tagBeside('change_7_0123456789ab_v1', digest));
});
