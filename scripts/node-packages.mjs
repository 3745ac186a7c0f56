import { statSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './find-program.mjs';
import { runWithProgress, say } from './progress.mjs';

/** Makes `node_modules` what package-lock.json says, if it is not. Gives whether it now is. */
export async function readyNodePackages(root, mayInstall) {
  const installed = modifiedAt(join(root, 'node_modules', '.package-lock.json'));
  if (installed !== null && installed >= (modifiedAt(join(root, 'package-lock.json')) ?? 0)) return true;
  if (!mayInstall) {
    say('npm packages are missing or older than package-lock.json, and --no-install was given: run "npm ci".');
    return installed !== null;
  }
  const npm = findProgram('npm');
  if (npm === null) {
    say('npm is missing; it comes with Node: https://nodejs.org (Debian: apt-get install npm).');
    return false;
  }
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  return runWithProgress('installing npm packages (about half a minute, once)', npm, ['ci', ...quiet], { cwd: root });
}

function modifiedAt(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? null;
}
