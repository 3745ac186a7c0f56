import type { Attack } from './attack.ts';
import { attacksToA22 } from './table-a01-a22.ts';
import { attacksToA33 } from './table-a23-a33.ts';
import { attacksToA45 } from './table-a34-a45.ts';

/** The attacks of the specification (intake §3), each with where it is refused; `table.test.ts` keeps it true. */
export const attacks: readonly Attack[] = [...attacksToA22, ...attacksToA33, ...attacksToA45];
