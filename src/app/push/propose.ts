import { raiseVersion } from '../../core/version/next-dev.ts';
import type { Project } from '../../model/project.ts';
import type { Outcome, Proposal } from '../../model/proposal.ts';
import type { AppContext } from '../context.ts';
import { readRegularFile } from '../read-regular-file.ts';

function failed({ version }: Proposal, because: string): Outcome {
  return { kind: 'failed', because: `${version} could not be proposed: ${because}` };
}

const became = {
  open: (number: number, version: string) => `#${number} proposes ${version}`,
  merged: (number: number, version: string) => `#${number} proposed ${version} and was merged`,
  closed: (number: number, version: string) => `#${number} proposed ${version} and was closed: it is not opened again`,
};

function bodyOf({ base, file, from, version }: Proposal): string {
  return [
    `${from} is done on \`${base}\`, and \`${file}\` still says so. This pull request lets it go on as ${version}; nothing else changes.`,
    'Opened because of `version.automation.nextDev`. Close it, and it is not opened again.',
  ].join('\n\n');
}

/**
 * Sees to the pull request for the next dev version: a branch with the version's file changed, and the pull request itself, each
 * made where it is not there. Asked again it finds what it made, and what people did with it.
 */
export async function propose({ ports }: AppContext, project: Project, proposal: Proposal): Promise<Outcome> {
  const { proposals, source, landing } = ports;
  const { base, head, at, file: path, version } = proposal;
  const found = await proposals.find(project, head, base);
  if (found !== null) return { kind: 'there', because: became[found.state](found.number, version) };
  const file = await readRegularFile(source, project, at, path);
  const content = file.kind === 'text' ? raiseVersion(file.text, proposal) : null;
  if (content === null) return failed(proposal, `${path} does not say ${proposal.from} there`);
  const message = `Prepare next dev version ${version}`;
  const offered = await landing.offer(project, head, { at, path, content, message });
  if (offered.kind === 'refused') return failed(proposal, `the branch ${head} was refused: ${offered.because}`);
  const opened = await proposals.open(project, { head, base, title: message, body: bodyOf(proposal) });
  if (opened.kind === 'refused') return failed(proposal, `no pull request from ${head}: ${opened.because}`);
  return { kind: 'there', because: became.open(opened.number, version) };
}
