import type { InstalledApp } from '../../../src/model/setup.ts';
import { aProject } from '../../fakes/model-data.ts';

/** An App that was given nothing yet. */
export function installed(over: Partial<InstalledApp> = {}): InstalledApp {
  return {
    pages: { app: 'APP', installation: 'INSTALLATION' },
    asked: {},
    granted: {},
    isOrganization: true,
    archived: false,
    merges: { merge: true, squash: true, rebase: true },
    autoMerge: false,
    project: aProject(),
    ...over,
  };
}
