/** Shapes that only real credentials have: tokens of GitHub, GitLab, AWS, Slack and npm, private keys, registry logins. */
const shapes = [
  /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{40}|glpat-[A-Za-z0-9_-]{20}|npm_[A-Za-z0-9]{36})/,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/,
  /\bxox[abprs]-[A-Za-z0-9-]{10}/,
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----/,
  /"auths?"\s*:/,
  /^https?:\/\/[^/\s:@]*:[^/\s@]+@/,
];

/** True for text that no untrusted container may be given, whoever wrote it there (intake-faults-attacks.md §3, secrets by class). */
export function looksLikeCredential(text: string): boolean {
  return shapes.some((shape) => shape.test(text));
}
