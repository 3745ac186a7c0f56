/** Who sends the request at which everything stops. */
export type Sender = 'uploader' | 'copy' | 'pass';

/** One request of an upload or a promotion, and whether the registry has done it when everything stops. */
export interface ImageRow {
  readonly step: string;
  readonly moment: string;
  readonly when: 'before' | 'after';
  readonly by: Sender;
  readonly registry: 'staging' | 'final';
  /** Which of the two images. */
  readonly image: 'api' | 'web';
  /** Method, and what stands after the repository. */
  readonly request: readonly [method: string, rest: RegExp];
  /** How many such requests pass before the one that is meant. */
  readonly passing: number;
  /** It is meant only after one of this kind. */
  readonly following: ImageRow['request'] | null;
}

type Step = Omit<ImageRow, 'step' | 'moment' | 'when' | 'image' | 'passing' | 'following'> &
  Partial<Pick<ImageRow, 'image' | 'passing' | 'following'>>;

const byDigest = /^manifests\/sha256:/;
const upload = /^blobs\/uploads\//;
const changeTag = /^manifests\/change_/;
const tag = /^manifests\/latest$/;

const uploader = { by: 'uploader', registry: 'staging' } as const;
const copyFrom = { by: 'copy', registry: 'staging' } as const;
const copyTo = { by: 'copy', registry: 'final' } as const;
const pass = { by: 'pass', registry: 'final' } as const;

const steps: Readonly<Record<string, Step>> = {
  'blob upload begun': { ...uploader, request: ['POST', upload] },
  'blob uploaded': { ...uploader, request: ['PUT', upload] },
  'manifest uploaded': { ...uploader, request: ['PUT', byDigest] },
  'change tag set': { ...uploader, request: ['PUT', changeTag] },
  'upload read back': { ...uploader, request: ['GET', changeTag] },
  'staged manifest looked at': { ...pass, registry: 'staging', request: ['GET', byDigest] },
  'staged manifest read': { ...copyFrom, request: ['GET', byDigest], passing: 1 },
  'staged blob read': { ...copyFrom, request: ['GET', /^blobs\/sha256:/] },
  'copy of a blob begun': { ...copyTo, request: ['POST', upload] },
  'blob copied': { ...copyTo, request: ['PUT', upload] },
  'manifest copied': { ...copyTo, request: ['PUT', byDigest] },
  'tag of the first image set': { ...pass, request: ['PUT', tag] },
  'tag of the second image set': { ...pass, request: ['PUT', tag], image: 'web' },
  'tag read back': { ...pass, request: ['GET', tag], following: ['PUT', tag] },
  'change tag taken away': { ...pass, registry: 'staging', request: ['DELETE', changeTag] },
};

const moments = { before: 'before it is', after: 'after it is, before that is known' } as const;

/** Every request that changes something on the way of an image, and what is read to go on, in order. */
export const imageRows: readonly ImageRow[] = Object.entries(steps).flatMap(([step, what]) =>
  (['before', 'after'] as const).map((when) => ({
    image: 'api',
    passing: 0,
    following: null,
    ...what,
    step,
    moment: moments[when],
    when,
  })),
);
