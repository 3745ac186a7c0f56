import { imageCrashSuite } from './image-crash-suite.ts';
import { imageRows } from './image-rows.ts';

imageCrashSuite('a worker that is killed on the way of an image', 'worker', imageRows);
