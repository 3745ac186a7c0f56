import { kubernetesSubject } from '../adapters/kubernetes/kubernetes-subject.ts';
import { executorContract } from './executor.ts';

executorContract('kubernetes', kubernetesSubject);
