import { spawn } from 'node:child_process';

/** Opens a page where that is possible. When it is not, nothing is said: the address was printed. */
export function openBrowser(url: string): void {
  const program = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const child = spawn(program, [url], { stdio: 'ignore', detached: true });
  child.on('error', () => child.unref());
  child.unref();
}
