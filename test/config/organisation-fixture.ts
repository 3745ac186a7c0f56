import { type Organisation, parseOrganisation } from '../../src/config/organisation/parse-organisation.ts';
import type { OrganisationView } from '../../src/config/organisation/put-together.ts';
import { parseProjectConfig } from '../../src/config/parse-project-config.ts';
import type { ConfigState } from '../../src/model/config.ts';

export const organisationPlace = 'acme/.sluice/sluice.yaml';

/** An organisation's file that must be valid. */
export function organisationOf(text: string): Organisation {
  const reading = parseOrganisation(text, organisationPlace);
  if (reading.kind === 'valid') return reading.organisation;
  throw new Error(reading.problems.map(({ line, column, message }) => `${line}:${column} ${message}`).join('\n'));
}

/** `line:column message` of everything that is wrong with an organisation's file. */
export function organisationComplaints(text: string): string[] {
  const reading = parseOrganisation(text, organisationPlace);
  return reading.kind === 'valid'
    ? []
    : reading.problems.map(({ line, column, message, hint }) => `${line}:${column} ${message} | ${hint}`);
}

export interface Repository {
  readonly name?: string;
  readonly topics?: readonly string[];
  readonly files?: readonly string[];
  /** `repos/NAME.yaml` of the organisation. */
  readonly above?: string;
}

export function viewOf(organisation: Organisation, repository: Repository = {}): OrganisationView {
  const { name = 'shop', topics = [], files = [], above } = repository;
  const repositoryFile = above === undefined ? null : { file: `acme/.sluice/repos/${name}.yaml`, text: above };
  const has = (path: string): boolean => files.includes(path);
  return { kind: 'seen', organisation, repository: { name, topics }, has, repositoryFile };
}

/** A repository's own file, or none, under its organisation's. */
export function parseUnder(organisation: string, own: string | null, repository: Repository = {}): ConfigState {
  const { name = 'shop', files = [] } = repository;
  return parseProjectConfig(own, {
    file: '.sluice.yaml',
    repositoryName: name,
    containerfile: files.find((file) => file === 'Dockerfile') ?? null,
    organisation: viewOf(organisationOf(organisation), repository),
  });
}

/** `file:line:column message` of every problem. */
export function complaintsUnder(organisation: string, own: string | null, repository: Repository = {}): string[] {
  const state = parseUnder(organisation, own, repository);
  return state.kind === 'invalid'
    ? state.problems.map(({ file, line, column, message, hint }) => `${file}:${line}:${column} ${message} | ${hint}`)
    : [];
}
