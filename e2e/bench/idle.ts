import { readdirSync, readFileSync } from "node:fs";
import type { Desktop } from "../lib/desktop.ts";
import { Figures, type Row } from "../lib/figures.ts";
import { pause } from "../lib/wait.ts";

/** How long the daemon is watched doing nothing, in seconds. */
const SECONDS = 60;

/** Starts of the daemon, from exec to the line that it serves. */
export async function starts(desktop: Desktop, n: number): Promise<Row> {
  const times: number[] = [];
  for (let i = 0; i < n; i++) {
    await desktop.daemon.stop();
    const daemon = desktop.launchDaemon();
    await daemon.line(/\bready\b/);
    times.push(performance.now() - daemon.started);
  }
  return { what: "daemon: start → ready", figures: new Figures(times), aim: 50 };
}

/** What an idle daemon costs. */
export interface Idle {
  /** Resident memory in MB. */
  memory: number;
  /** Voluntary context switches of all threads, a minute. */
  switches: number;
}

/** Watches the daemon for a minute after it has settled. */
export async function idle(desktop: Desktop): Promise<Idle> {
  await pause(5000);
  const { pid } = desktop.daemon;
  const before = switches(pid);
  await pause(SECONDS * 1000);
  return { memory: resident(pid), switches: ((switches(pid) - before) * 60) / SECONDS };
}

function resident(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

function switches(pid: number): number {
  const counts = readdirSync(`/proc/${pid}/task`).map((task) => {
    const status = readFileSync(`/proc/${pid}/task/${task}/status`, "utf8");
    return Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1]);
  });
  return counts.reduce((sum, count) => sum + count, 0);
}
