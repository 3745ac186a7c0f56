import type { HelperAnswer, HelperRequest } from './git-helper.ts';
import { runHere } from './run-git.ts';

// Started by git-helper.ts: starts git as it is told and tells how it ended. It ends with the last of what it started once
// nobody is there to be told.

const running = new Map<number, AbortController>();

function answer(reply: HelperAnswer): void {
  running.delete(reply.id);
  // Who asked may end in any moment; what git has done by then is found again.
  if (process.connected) process.send?.(reply, () => undefined);
}

process.on('message', (request: HelperRequest) => {
  const { id } = request;
  if (request.kind === 'cancel') return running.get(id)?.abort();
  const ending = new AbortController();
  running.set(id, ending);
  runHere(request.run, ending.signal).then(
    (result) => answer({ id, outcome: { result } }),
    (cause: Error) => answer({ id, outcome: { because: cause.message } }),
  );
});
