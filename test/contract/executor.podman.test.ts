import { describe } from 'vitest';
import { podmanAbsence, podmanSubject } from '../adapters/podman/podman-subject.ts';
import { executorContract } from './executor.ts';

const absence = await podmanAbsence();
if (absence === null) executorContract('podman', podmanSubject);
else describe.skip(`podman, as an executor: NOT TESTED, ${absence}`);
