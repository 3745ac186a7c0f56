import { z } from 'zod';
import { path } from '../registries/registry-schema.ts';
import { anyText, count, flag, listOf, textLike, wordOf } from '../schema/scalars.ts';

const classesHint = 'lower-case letters, digits and "-" between them';
const objectName = textLike('a name', /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, classesHint);
const labelKey = /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const label = textLike('a value of a label', /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/);
const architecture = textLike('an architecture as amd64', /^[a-z0-9]{1,20}$/, 'as Kubernetes calls it: amd64 or arm64');

export const tolerationSchema = z.strictObject(
  {
    key: textLike('a key of a taint', labelKey, 'write it as builds or acme.io/builds'),
    operator: wordOf(['Equal', 'Exists']).default('Equal'),
    value: label.optional(),
    effect: wordOf(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
  },
  { error: 'a map as { key: builds, operator: Exists, effect: NoSchedule }' },
);

/** One entry of the file that SLUICE_POOLS names, as written. */
export const poolSchema = z.strictObject(
  {
    name: objectName,
    trust: listOf('a list of classes of trust', z.enum(['untrusted', 'approved', 'trusted'])),
    architectures: listOf('a list of architectures', architecture).optional(),
    kubeconfig: path.optional(),
    context: anyText.optional(),
    namespace: objectName,
    nodeSelector: z
      .record(textLike('a key of a label', labelKey, 'write it as builds or acme.io/builds'), label, {
        error: 'a map of labels of nodes as { builds: "true" }',
      })
      .default({}),
    tolerations: z.array(tolerationSchema, { error: 'a list of tolerations' }).default([]),
    runtimeClass: objectName.optional(),
    hostUsers: flag().optional(),
    priorityClass: objectName.optional(),
    byName: flag().default(false),
    atOnce: count(1, 100_000).optional(),
  },
  { error: 'a map as { name: builds, trust: [untrusted], namespace: sluice-untrusted }' },
);

export type WrittenPool = z.output<typeof poolSchema>;
