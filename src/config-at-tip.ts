import { gateDefaults } from './config/resolve/resolve-gate.ts';
import { type ConfigState, configFile } from './model/config.ts';
import type { GateSettings } from './model/gate-settings.ts';
import { organisationRepository } from './model/organisation.ts';
import type { Project } from './model/project.ts';
import type { SetupPoint } from './model/setup.ts';
import type { Sha } from './model/sha.ts';
import type { Source } from './ports/source.ts';
import { defaultConfig, parseConfig } from './project-config.ts';

const maxBytes = 256 * 1024;

async function stateAt(
  source: Source,
  project: Project,
  tip: Sha,
): Promise<{ readonly config: ConfigState; readonly buildsOnTemplates: boolean }> {
  const text = await source.readText(project, tip, configFile, maxBytes);
  if (text === null) return { config: defaultConfig(project.name, null), buildsOnTemplates: false };
  return { config: parseConfig(text, project.name, null), buildsOnTemplates: /^extends:/m.test(text) };
}

/** The gate's settings as a branch's own file has them; the usual ones, and what is wrong, where it cannot be used. */
export async function configAtTip(
  source: Source,
  project: Project,
  tip: Sha,
): Promise<{ readonly settings: GateSettings; readonly points: readonly SetupPoint[] }> {
  const { config, buildsOnTemplates } = await stateAt(source, project, tip);
  const point = (verdict: SetupPoint['verdict'], says: string) => [
    { about: 'configuration' as const, verdict, shown: 'read' as const, says },
  ];
  const elsewhere = `${project.owner}/${organisationRepository}`;
  if (config.kind === 'valid') {
    const gated = config.config.jobs.some(({ pipelines }) => pipelines.includes('gate'));
    if (gated)
      return { settings: config.config.gate, points: point('fine', `${configFile} names what the gate tests.`) };
    const says = `No job is for the gate yet, and without one nothing lands: add one with "on: [gate]" to ${configFile}, unless ${elsewhere} has one for it.`;
    return { settings: config.config.gate, points: point('look', says) };
  }
  const [first] = config.kind === 'invalid' ? config.problems : [];
  const because = first === undefined ? 'it could not be read' : `line ${first.line}: ${first.message}`;
  if (buildsOnTemplates)
    return {
      settings: gateDefaults,
      points: point(
        'look',
        `${configFile} builds on templates of ${elsewhere}, which is not read here: the check run sluice of a pull request says whether it is valid.`,
      ),
    };
  const says = `${configFile} on the branch is not valid (${because}): "sluice check" says more.`;
  return { settings: gateDefaults, points: point('stop', says) };
}
