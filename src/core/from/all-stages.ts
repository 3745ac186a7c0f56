import { scanDockerfile } from './scan-dockerfile.ts';

/**
 * The container file with one more stage at its end, which needs every stage up to `target` (null: all of them) and copies nothing:
 * no file of such a name is anywhere, and a pattern may match none. Where the target is no stage of it, all count; its lines keep
 * their numbers.
 */
export function withAllStages(containerFile: string, target: string | null): string {
  const { instructions, escapeSign } = scanDockerfile(containerFile);
  const froms = instructions.filter(({ keyword }) => keyword === 'FROM');
  const names = froms.map(({ text }) => /\sAS\s+(\S+)\s*$/i.exec(text)?.[1]?.toLowerCase());
  const named = target === null ? -1 : names.indexOf(target.toLowerCase());
  const numbered = target !== null && /^\d{1,4}$/.test(target) ? Number(target) : -1;
  const last = named >= 0 ? named : numbered;
  const count = last >= 0 && last < froms.length ? last + 1 : froms.length;
  const copies = Array.from({ length: count }, (_, stage) => `COPY --from=${stage} /sluice-needs-all-stages* /`);
  const text = containerFile.trimEnd();
  // A last line that goes on would take ours in.
  const whole = text.endsWith(escapeSign) ? text.slice(0, -1) : text;
  return `${whole}\n\nFROM scratch\n${copies.join('\n')}\n`;
}
