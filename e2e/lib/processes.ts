import { readdirSync, readFileSync } from "node:fs";

/** A process as every user of a machine can see it. */
export interface Process {
  pid: number;
  name: string;
  /** Its argument list, with a zero byte after each. */
  args: string;
}

/** All processes of this world. */
export function processes(): Process[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map((pid) => ({ pid: Number(pid), name: read(pid, "comm").trim(), args: read(pid, "cmdline") }));
}

/** A file of a process; empty where it has ended meanwhile. */
function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
