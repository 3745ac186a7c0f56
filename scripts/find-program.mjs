import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where programs are that a person's PATH often lacks. */
const more = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/go/bin', '/usr/lib/podman', '/usr/libexec/podman'];

/** Full path of a program on PATH or in the usual places beside it; null when there is none. */
export function findProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...more];
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

/** True for a regular file that may be executed. */
export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    // Not there, or not for us: both mean that it cannot be started.
    return false;
  }
}
