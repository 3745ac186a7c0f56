import { imageCrashSuite } from './image-crash-suite.ts';
import { imageRows } from './image-rows.ts';

// Where Redis or a dead uploader makes a difference: of the others, what is found again is the same.
const steps = [
  'blob uploaded',
  'change tag set',
  'blob copied',
  'manifest copied',
  'tag of the second image set',
  'change tag taken away',
];

imageCrashSuite(
  'everything killed on the way of an image, builds and Redis included',
  'everything',
  imageRows.filter(({ step }) => steps.includes(step)),
);
