import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, type Registry } from 'prom-client';

/** What this process uses; measured when it is asked. Returns how to end measuring. */
export function createProcessGauges(registry: Registry, version: string): () => void {
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge(
    'sluice_process_resident_memory_bytes',
    'Memory of this process. Rising for days: a leak, to be reported as a bug.',
    () => process.memoryUsage.rss(),
  );
  gauge(
    'sluice_process_heap_used_bytes',
    'Of it, what JavaScript holds. Near the limit of Node the process ends: raise --max-old-space-size.',
    () => process.memoryUsage().heapUsed,
  );
  gauge(
    'sluice_process_uptime_seconds',
    'Since this process started. Often small: it is being restarted; look why.',
    () => process.uptime(),
  );
  new Counter({
    name: 'sluice_process_cpu_seconds_total',
    help: 'Processor time of this process. A rate near 1: it uses a whole core; start another.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  const info = new Gauge({
    name: 'sluice_build_info',
    help: 'Always 1; tells the versions that run. Two at once: a rollout is under way, or is stuck.',
    labelNames: ['version', 'node'],
    registers,
  });
  info.set({ version, node: process.version }, 1);
  return measureEventLoop(registry);
}

function measureEventLoop(registry: Registry): () => void {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  new Gauge({
    name: 'sluice_event_loop_lag_seconds',
    help: 'How late the event loop came since the last scrape. The 99th percentile over 1 s: the process is overloaded or its machine is.',
    labelNames: ['quantile'],
    registers: [registry],
    collect() {
      // Before the first sample there is none, which it gives as an enormous or no number.
      const seconds = (nanoseconds: number) => (delay.count === 0 ? 0 : nanoseconds / 1e9);
      this.set({ quantile: '0.5' }, seconds(delay.percentile(50)));
      this.set({ quantile: '0.99' }, seconds(delay.percentile(99)));
      this.set({ quantile: '1' }, seconds(delay.max));
      delay.reset();
    },
  });
  return () => delay.disable();
}
