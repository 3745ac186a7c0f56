import { processSubject } from '../adapters/process/process-subject.ts';
import { executorContract } from './executor.ts';

executorContract('process', processSubject);
