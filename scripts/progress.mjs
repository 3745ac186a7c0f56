import { spawn } from 'node:child_process';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** One plain line to the person. Progress goes to standard error: standard output belongs to what is started. */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * Runs a program quietly, with a spinner on a terminal and plain lines otherwise. Gives whether it ended well; when it
 * did not, its last lines are shown.
 */
export async function runWithProgress(what, program, args, options = {}) {
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  const stop = process.stderr.isTTY ? startSpinner(what, seconds) : startLines(what, seconds);
  const { code, output } = await runQuietly(program, args, options);
  stop();
  if (code === 0) say(`✓ ${what}: ${seconds()}`);
  else say(`✗ ${what}: failed after ${seconds()}\n${lastLines(output, 30)}`);
  return code === 0;
}

function startSpinner(what, seconds) {
  let frame = 0;
  const timer = setInterval(() => {
    frame = (frame + 1) % frames.length;
    process.stderr.write(`\r\x1b[2K${frames[frame]} ${what} … ${seconds()}`);
  }, 100);
  return () => {
    clearInterval(timer);
    process.stderr.write('\r\x1b[2K');
  };
}

function startLines(what, seconds) {
  say(`${what} …`);
  const timer = setInterval(() => say(`${what} … ${seconds()}`), 30_000);
  return () => clearInterval(timer);
}

function runQuietly(program, args, options) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { ...options, stdio: [options.stdin ?? 'ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-20_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => resolve({ code: 127, output: `${output}${error.message}` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

function lastLines(text, count) {
  return text
    .trimEnd()
    .split('\n')
    .slice(-count)
    .map((line) => `    ${line}`)
    .join('\n');
}
