import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Program } from "./program.ts";

const [width, height] = [640, 480];
/** What a terminal shows of two rows of a code at once: whether each is dark. */
const HALVES: Record<string, [boolean, boolean]> = {
  "█": [true, true],
  "▀": [true, false],
  "▄": [false, true],
  " ": [false, false],
};

/** A camera for Chromium that is held at a desktop's terminal. */
export class Camera implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "tk-camera-"));

  constructor() {
    this.#film(() => false); // a wall
  }

  /** What Chromium needs to have it and to be allowed it. */
  get flags(): string[] {
    return [
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
      `--use-file-for-fake-video-capture=${this.#file}`,
    ];
  }

  /** From the next time that it is opened it sees the code that the command line shows. */
  see(terminal: Program): void {
    const rows = terminal.output.flatMap(modules);
    if (rows.length === 0) throw new Error("the terminal shows no code");
    const scale = Math.floor(height / rows.length);
    const [left, top] = [width, height].map((side) => (side - rows.length * scale) >> 1) as [number, number];
    this.#film((x, y) => rows[Math.floor((y - top) / scale)]?.[Math.floor((x - left) / scale)] ?? false);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #file(): string {
    return join(this.#folder, "camera.y4m");
  }

  /** One frame, which Chromium shows again and again: brightness, and no colour. */
  #film(dark: (x: number, y: number) => boolean): void {
    const shade = (_: unknown, i: number) => (dark(i % width, Math.floor(i / width)) ? 24 : 220);
    const bright = Uint8Array.from({ length: width * height }, shade);
    const head = Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\nFRAME\n`);
    writeFileSync(this.#file, Buffer.concat([head, bright, Buffer.alloc((width * height) / 2, 128)]));
  }
}

/** The two rows of a code in one line of a terminal; none where it is another line. */
function modules(line: string): boolean[][] {
  const code = /^([ █▀▄]+)$/.exec(line.replaceAll(/.\[[\d;]+m/g, ""))?.[1]; // without its colours
  if (!code) return [];
  return [0, 1].map((half) => Array.from(code, (two) => HALVES[two]?.[half] ?? false));
}
