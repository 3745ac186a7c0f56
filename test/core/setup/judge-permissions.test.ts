import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { judgePermissions, wantedPermissions } from '../../../src/core/setup/judge-permissions.ts';
import { installed } from './setup-fixture.ts';

const always: Readonly<Record<string, string>> = Object.fromEntries(
  wantedPermissions.filter((one) => !one.sometimes).map(({ name, level }) => [name, level]),
);
const said = (over: Parameters<typeof installed>[0]) =>
  judgePermissions(installed(over)).filter(({ verdict }) => verdict !== 'fine');

describe('permissions', () => {
  it('are those that app.yml asks for', () => {
    const appYml: unknown = parse(readFileSync(join(import.meta.dirname, '../../../app.yml'), 'utf8'));
    expect(appYml).toMatchObject({ default_permissions: always });
    expect(Object.keys((appYml as { default_permissions: object }).default_permissions)).toHaveLength(
      Object.keys(always).length,
    );
  });

  it('that were all given are fine, also where more was given', () => {
    expect(said({ granted: { ...always, administration: 'write', workflows: 'write' } })).toEqual([]);
  });

  it('that the App asks for and the installation did not accept are to be accepted there', () => {
    const { administration: _, ...granted } = always;
    expect(said({ granted: { ...granted, workflows: 'write' }, asked: always })).toEqual([
      expect.objectContaining({
        verdict: 'stop',
        says: expect.stringMatching(
          /^The permission administration: read is missing .* accept that at INSTALLATION\.$/,
        ),
      }),
    ]);
  });

  it('that are lower than needed are missing', () => {
    expect(said({ granted: { ...always, checks: 'read', workflows: 'write' } })).toEqual([
      expect.objectContaining({
        says: expect.stringMatching(/^The permission checks: write .* to the App at APP, then/),
      }),
    ]);
  });

  it('to change workflows is not needed by all, and told', () => {
    expect(said({ granted: always })).toEqual([expect.objectContaining({ verdict: 'look' })]);
  });

  it('on members are not asked of a person', () => {
    const granted = { ...always, members: 'none', workflows: 'write' };
    expect(said({ granted, isOrganization: false })).toEqual([]);
    expect(said({ granted, isOrganization: true })).toHaveLength(1);
  });
});
