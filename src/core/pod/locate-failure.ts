import { plainLog } from '../text/clean-log.ts';
import { locateInBuildahLog } from './locate-buildah.ts';
import { locateInBuildkitLog } from './locate-buildkit.ts';
import { locateInKanikoLog } from './locate-kaniko.ts';
import { readInstructions } from './read-instructions.ts';

const longestLog = 1024 * 1024;
const longestMessage = 300;

/**
 * Where in the Dockerfile a build failed, from the log of kaniko v1.24.0, BuildKit v0.26 or buildah 1.28; lines count from 1. Null where the log does
 * not say. What the Dockerfile's own commands print is in the log too and can lead this to another of its lines, nowhere else.
 */
export function locateDockerfileFailure(
  dockerfile: string,
  log: string,
): { line: number; endLine: number; message: string } | null {
  const lines = plainLog(log.slice(-longestLog)).split('\n');
  const instructions = readInstructions(dockerfile);
  const found =
    locateInKanikoLog(instructions, lines) ??
    locateInBuildkitLog(instructions, lines) ??
    locateInBuildahLog(instructions, lines);
  if (!found) return null;
  const { line, endLine } = found.instruction;
  return { line, endLine, message: shorten(found.message) };
}

function shorten(words: string): string {
  const line = words.replaceAll('/.sluice/src/', '').replace(/\s+/g, ' ').trim();
  return line.length > longestMessage ? `${line.slice(0, longestMessage - 1).replace(/[\ud800-\udbff]$/, '')}…` : line;
}
