// What `helm test` runs in a pod: two questions to whoever listens, and one sentence for each wrong answer.
const base = process.env.SLUICE_SERVICE;
const headers = { 'content-type': 'application/json', 'x-github-event': 'ping', 'x-github-delivery': 'helm-test' };
const questions = [
  { path: '/readyz', request: {}, wanted: 200, otherwise: 'it is not ready' },
  {
    path: '/api/github/webhooks',
    request: { method: 'POST', headers, body: '{}' },
    wanted: 401,
    otherwise: 'a delivery without signature was not refused',
  },
];
for (const { path, request, wanted, otherwise } of questions) {
  const answer = await fetch(base + path, request);
  const words = await answer.text();
  if (answer.status !== wanted) process.exitCode = 1;
  console.log(answer.status === wanted ? `${path}: ${wanted}, as it must be` : `${path}: ${answer.status}, so ${otherwise}: ${words}`);
}
