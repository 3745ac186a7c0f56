const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** What is done now, on standard error: one line that changes on a terminal, a plain line at each change otherwise. */
export interface Progress {
  say(what: string): void;
  /** Ends the changing line. */
  done(): void;
}

export function startProgress(): Progress {
  const began = Date.now();
  const seconds = (): string => `${Math.round((Date.now() - began) / 1000)} s`;
  let now = '';
  let frame = 0;
  const draw = (): void => {
    frame = (frame + 1) % frames.length;
    process.stderr.write(`\r\x1b[2K${frames[frame]} ${now} … ${seconds()}`);
  };
  const timer = process.stderr.isTTY ? setInterval(draw, 120) : null;
  timer?.unref();
  return {
    say(what) {
      now = what;
      if (timer === null) process.stderr.write(`${seconds()}: ${what}\n`);
    },
    done() {
      if (timer === null) return;
      clearInterval(timer);
      process.stderr.write('\r\x1b[2K');
    },
  };
}
