// Loaded into every measured process: writes what it has used to file descriptor 3 when it exits. Plain JavaScript, so
// that it costs the process next to nothing.
import { writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

process.on('exit', () => {
  // Workers load it, too; what they use is counted with their process.
  if (!isMainThread) return;
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  writeSync(3, JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1000, peakMiB: maxRSS / 1024 }));
});
