import type { CheckRunReport } from '../../src/model/check-run.ts';
import type { ForgeEvent } from '../../src/model/forge-event.ts';
import type { PodManifest } from '../../src/model/pod.ts';
import type { Project } from '../../src/model/project.ts';
import type { SubjectId } from '../../src/model/subject.ts';
import type { PodSecrets } from '../../src/ports/executor.ts';
import type { SaveRequest } from '../../src/ports/store.ts';
import { checkReport } from './check-reports.ts';
import { checkStart } from './check-starts.ts';
import type { StoredCheckRun } from './forge-world.ts';
import { checkLanding } from './gate/check-landing.ts';
import { checkDelete, checkTag, checkUntag } from './gate/check-promotion.ts';
import { checkSlots } from './gate/check-slots.ts';
import type { LandingWatch } from './gate/landing-port.ts';
import { ageOf, noteGivenUp, type Watched } from './ground-truth.ts';
import { checkEntry } from './push/check-entry.ts';
import type { RegistryWatch } from './registry-port.ts';
import type { Process } from './sim.ts';
import { checkRelease } from './version/check-release.ts';
import { checkReleaseTag, isReleaseTag } from './version/check-release-tag.ts';

/** Watches every effect for what must never happen. */
export interface Safety extends LandingWatch, RegistryWatch {
  onStart(manifest: PodManifest, secrets: PodSecrets): void;
  onCheckWrite(project: Project, report: CheckRunReport, was: StoredCheckRun | null): void;
  onLoad(process: Process, subject: SubjectId, version: number): void;
  onSave(process: Process, request: SaveRequest, outcome: 'saved' | 'conflict'): void;
  onAnswered(event: ForgeEvent, begunAt: number): void;
  /** Deliveries that a saved document has taken up. */
  readonly takenUp: ReadonlySet<string>;
}

/** Watches one world. */
export function createSafety(
  parts: Pick<Watched, 'sim' | 'forge' | 'cluster' | 'redis' | 'minted' | 'registries'>,
): Safety {
  const { sim, redis } = parts;
  const watched: Watched = {
    ...parts,
    age: ageOf(sim),
    entries: new Map(),
    requests: new Map(),
    trees: new Map(),
  };
  const loaded = new Map<string, number>();
  const takenUp = new Set<string>();
  return {
    takenUp,
    onLand: (attempt) => checkLanding(watched, attempt),
    onAppend(repository, entry) {
      sim.tell(() => `ledger of ${entry.branch}: ${entry.detail.kind}`);
      checkEntry(watched, repository, entry);
      checkRelease(watched, repository, entry);
    },
    onTag: (write) => (isReleaseTag(write.tag) ? checkReleaseTag : checkTag)(watched, write),
    onUntag: (removal) => checkUntag(watched, removal),
    onDelete: (repository, digest) => checkDelete(watched, repository, digest),
    onStart: (manifest, secrets) => checkStart(watched, manifest, secrets),
    onCheckWrite: (project, report, was) => checkReport(watched, project, report, was),
    onLoad: (process, subject, version) => void loaded.set(`${process.name} ${subject}`, version),
    onSave(process, request, outcome) {
      if (outcome === 'conflict') {
        sim.note('store: a save met another one');
        return;
      }
      const known = loaded.get(`${process.name} ${request.subject}`);
      if (known !== request.expected && sim.time.now() - redis.lostAt() > 600_000)
        sim.violate('S15', `${request.subject}: version ${request.expected} saved over, ${known} was read`);
      loaded.set(`${process.name} ${request.subject}`, request.expected + 1);
      checkSlots(watched, request.subject, request.document);
      noteGivenUp(watched, process.name, request.subject, request.document);
      for (const delivery of request.taken) takenUp.add(delivery);
      for (const { state: _, ...entry } of request.index.line) watched.entries.set(entry.build, entry);
      if (JSON.stringify(request.document).includes('ghs_'))
        sim.violate('S14', `a token in the document of ${request.subject}`);
    },
    onAnswered(event, begunAt) {
      if (redis.isOnDisk(`delivery:${event.delivery}`) || redis.lostAt() >= begunAt - 10_000) return;
      sim.violate('S13', `${event.delivery} was answered with 202 and is not on disk`);
    },
  };
}
