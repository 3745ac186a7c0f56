import { plainLog } from '../text/clean-log.ts';
import { authorsContainer, judgeStartError } from './judge-reason.ts';
import { changesFault, type Ending, ourFault, quoted, type Terminated } from './pod-ending.ts';

/** Exit codes of the step programs, as jobs/steps/step-failure.ts has them (a test compares). */
export const stepExits = {
  conflict: 10,
  otherTree: 11,
  notFetched: 12,
  leavingLink: 13,
  badInput: 14,
  tooLarge: 15,
  brokenImage: 16,
  occupied: 17,
  registryAway: 18,
  registryRefused: 19,
  notMade: 20,
} as const;

const cannotStart = new Set(['StartError', 'ContainerCannotRun', 'ContainerStatusUnknown']);

/** What the first container that failed says of the Build. */
export function judgeStep(failed: Terminated, logTail: string): Ending {
  const { name, state } = failed;
  // Our steps leave the sentence itself; one that was cut off left only a log.
  const words = state.message || lastLine(logTail);
  if (state.reason !== null && cannotStart.has(state.reason)) return judgeStartError(name, state.message);
  const isBuilder = name === 'build' || name === 'stages';
  const isAuthors = name === authorsContainer || isBuilder;
  if (state.reason === 'OOMKilled')
    return isAuthors ? outOfMemory(name) : ourFault(`our step ${name} ran out of memory`, false);
  if (name === 'checkout') return judgeCheckout(state.exitCode, quoted(words));
  if (name === 'upload') return judgeUpload(state.exitCode, quoted(words));
  if (name === 'keep') return judgeKeep(state.exitCode, quoted(words));
  if (name === 'take') return judgeTake(state.exitCode, quoted(words));
  if (name === 'promote') return judgePromote(state.exitCode, quoted(words));
  if (!isAuthors) return ourFault(`our step ${name} ended with exit code ${state.exitCode}${quoted(words)}`);
  const trouble = isBuilder ? registryTrouble(logTail) : null;
  if (trouble !== null) return ourFault(`a registry could not be used${quoted(trouble)}`);
  if (isBuildkitLost.test(lastLine(logTail))) return ourFault(`BuildKit's daemon was lost${quoted(lastLine(logTail))}`);
  const hint = state.exitCode === 137 ? ' (killed, often for lack of memory)' : '';
  return changesFault(`${isBuilder ? 'build' : name} ended with exit code ${state.exitCode}${hint}`);
}

function outOfMemory(name: string): Ending {
  const other = name === 'build' ? 'or let the build hold less at once' : 'or use less';
  return changesFault(`${name} ran out of memory: raise memory, ${other}`);
}

function judgeCheckout(exitCode: number, words: string): Ending {
  switch (exitCode) {
    case stepExits.leavingLink:
    case stepExits.tooLarge:
    case stepExits.occupied:
      return changesFault(`the repository cannot be built as it is${words}`);
    case stepExits.conflict:
      return ourFault('the checkout found a conflict where the plan had found none');
    case stepExits.otherTree:
      return ourFault(`the checkout came to another tree than the plan${words}`);
    case stepExits.notFetched:
      return ourFault(`the commits could not be fetched${words}`);
    case stepExits.badInput:
      return ourFault(`our checkout was asked for something impossible${words}`, false);
    default:
      return ourFault(`our checkout ended with exit code ${exitCode}${words}`);
  }
}

// Whatever the registry says: the image was built, and that is all that the change answers for.
function judgeUpload(exitCode: number, words: string): Ending {
  switch (exitCode) {
    case stepExits.registryAway:
      return ourFault(`its image was built, and the registry could not be used${words}`);
    case stepExits.registryRefused:
      return ourFault(`its image was built, and the registry did not take it from us${words}`);
    case stepExits.badInput:
      return ourFault(`our upload was asked for something impossible${words}`, false);
    default:
      return ourFault(`our step upload ended with exit code ${exitCode}${words}`);
  }
}

// What the command left is the change's; what the registry does is not.
function judgeKeep(exitCode: number, words: string): Ending {
  switch (exitCode) {
    case stepExits.notMade:
    case stepExits.leavingLink:
    case stepExits.tooLarge:
      return changesFault(`its command passed, and its artifacts cannot be kept${words}`);
    case stepExits.registryAway:
      return ourFault(`its command passed, and the registry for its artifacts could not be used${words}`);
    case stepExits.registryRefused:
      return ourFault(`its command passed, and the registry did not take its artifacts from us${words}`);
    default:
      return ourFault(`our step keep ended with exit code ${exitCode}${words}`);
  }
}

// Another attempt would be given the same: only a registry that is away may have it again.
function judgeTake(exitCode: number, words: string): Ending {
  const isAway = exitCode === stepExits.registryAway;
  return ourFault(`the artifacts that it gets could not be brought${words}`, isAway);
}

// The same refusal would come again at once; it is tried again with the other troubles of a promotion.
function judgePromote(exitCode: number, words: string): Ending {
  switch (exitCode) {
    case stepExits.registryAway:
      return ourFault(`the registry could not be used${words}`, false);
    case stepExits.registryRefused:
      return ourFault(`the registry did not do what it was asked for${words}`, false);
    case stepExits.badInput:
      return ourFault(`our promotion was asked for something impossible${words}`, false);
    default:
      return ourFault(`our step promote ended with exit code ${exitCode}${words}`);
  }
}

/** The builder's own last words, where they are about a registry that would perhaps answer another time; else null. */
function registryTrouble(logTail: string): string | null {
  const own =
    /^(?:error building image:|error pushing image:|error checking push permissions|error: failed to solve:|Error: )/;
  const last = plainLog(logTail)
    .split('\n')
    .findLast((line) => own.test(line));
  if (last === undefined || isCommandsEnd.test(last)) return null;
  return passing.some((words) => words.test(last)) ? last : null;
}

// A RUN that could not reach something is the Dockerfile's matter, whatever words it ended with.
const isCommandsEnd = /failed to execute command|building at STEP|did not complete successfully/;

/** The client's last words where it is the daemon that is gone; a build that failed is told in others. */
const isBuildkitLost =
  /^error: (?:failed to (?:dial|get status|receive status|list workers)\b|failed to solve: (?:rpc error: code = Unavailable|Unavailable: ))/;

const passing = [
  /\b429\b|too ?many ?requests/i,
  /(?:status code|unexpected status|StatusCode:?|response code|HTTP)[^0-9]{0,20}5\d\d\b|\b5\d\d (?:Internal Server Error|Bad Gateway|Service Unavailable|Gateway Time-?out)/i,
  /\btls: |x509: |TLS handshake/i,
  /i\/o timeout|context deadline exceeded|Client\.Timeout|timeout awaiting/i,
  /connection refused|connection reset|broken pipe|unexpected EOF|no route to host|network is unreachable/i,
  /server misbehaving|temporary failure in name resolution/i,
];

function lastLine(text: string): string {
  return plainLog(text.slice(-8000)).trimEnd().split('\n').at(-1) ?? '';
}
