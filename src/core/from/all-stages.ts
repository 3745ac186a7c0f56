import { lastStageOf, scanDockerfile } from './scan-dockerfile.ts';

/**
 * The container file with one more stage at its end, which needs every stage up to `target` (null: all of them) and copies nothing:
 * no file of such a name is anywhere, and a pattern may match none. Where the target is no stage of it, all count; its lines keep
 * their numbers.
 */
export function withAllStages(containerFile: string, target: string | null): string {
  const scanned = scanDockerfile(containerFile);
  const { escapeSign } = scanned;
  const count = lastStageOf(scanned, target) + 1;
  const copies = Array.from({ length: count }, (_, stage) => `COPY --from=${stage} /sluice-needs-all-stages* /`);
  const text = containerFile.trimEnd();
  // A last line that goes on would take ours in.
  const whole = text.endsWith(escapeSign) ? text.slice(0, -1) : text;
  return `${whole}\n\nFROM scratch\n${copies.join('\n')}\n`;
}
