import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { isExecutable } from './find-program.mjs';

const needed = [22, 19];

/** True for a version like `24.21.0` that runs this project (it executes TypeScript as it is). */
export function isRecentEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > needed[0] || (major === needed[0] && minor >= needed[1]);
}

/** A Node that runs this project: the one that npm brought along, else the one running now; null when neither does. */
export function findNode(root) {
  const bundled = join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (isExecutable(bundled) && spawnSync(bundled, ['--version']).status === 0) return bundled;
  return isRecentEnough(process.versions.node) ? process.execPath : null;
}

/** What to say when `findNode` finds none. */
export const nodeIsMissing = `Node ${needed.join('.')} or newer is needed; this is ${process.versions.node}, and npm has no bundled one for
${process.platform}-${process.arch} here. Install it from https://nodejs.org (macOS: brew install node), then try again.`;
