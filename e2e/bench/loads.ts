/** What an extension costs a page that asks it for nothing. */
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "puppeteer-core";

/** The same of three browsers: with the extension, with an extension whose scripts are empty, without any. */
export interface Load<T> {
  with: T;
  empty: T;
  plain: T;
}

const HOWS = ["with", "empty", "plain"] as const;

/** Copies a built extension into a folder, with nothing in the scripts that pages get, and returns the folder. */
export function emptied(dist: string, folder: string): string {
  mkdirSync(folder, { recursive: true });
  cpSync(dist, folder, { recursive: true });
  for (const name of ["page.js", "gate.js"]) writeFileSync(join(folder, name), "");
  return folder;
}

interface Event {
  name: string;
  pid: number;
  tid: number;
  ts: number;
  tdur?: number;
  args?: { data?: { url?: string } };
}

/** Loads of one page, in turns, so that all browsers meet the same weather. */
export class Loads {
  readonly #pages: Load<Page>;
  readonly #url: string;

  private constructor(pages: Load<Page>, url: string) {
    this.#pages = pages;
    this.#url = url;
  }

  static async of(browsers: Load<Browser>, url: string): Promise<Loads> {
    const page = (how: keyof Load<Browser>) => browsers[how].newPage();
    return new Loads({ with: await page("with"), empty: await page("empty"), plain: await page("plain") }, url);
  }

  /** Milliseconds from the response to DOMContentLoaded, of n loads without the first ones. */
  async times(n: number, first: number): Promise<Load<number[]>> {
    const times: Load<number[]> = { with: [], empty: [], plain: [] };
    for (let i = 0; i < n; i++)
      for (const how of HOWS) {
        const time = await this.#load(this.#pages[how]);
        if (i >= first) times[how].push(time);
      }
    return times;
  }

  async #load(page: Page): Promise<number> {
    await page.bringToFront();
    await page.goto(this.#url);
    return (await page.evaluate(`(() => {
      const [entry] = performance.getEntriesByType("navigation");
      return entry.domContentLoadedEventStart - entry.responseStart;
    })()`)) as number;
  }

  /**
   * Milliseconds of processor time: all that the page's thread does until DOMContentLoaded, and the evaluation of an
   * extension's scripts. A busy machine does not count in these. Chromium only.
   */
  async work(n: number, first: number): Promise<{ tasks: Load<number[]>; scripts: Load<number[]> }> {
    const tasks: Load<number[]> = { with: [], empty: [], plain: [] };
    const scripts: Load<number[]> = { with: [], empty: [], plain: [] };
    for (let i = 0; i < n; i++)
      for (const how of HOWS) {
        const events = await this.#traced(this.#pages[how]);
        if (i < first) continue;
        tasks[how].push(taskTime(events));
        scripts[how].push(time(events.filter((event) => event.name === "EvaluateScript" && isExtensions(event))));
      }
    return { tasks, scripts };
  }

  async #traced(page: Page): Promise<Event[]> {
    const categories = ["-*", "devtools.timeline", "disabled-by-default-devtools.timeline", "blink.user_timing"];
    await page.tracing.start({ categories });
    await page.goto(this.#url);
    const trace = await page.tracing.stop();
    return (JSON.parse(Buffer.from(trace ?? []).toString()) as { traceEvents: Event[] }).traceEvents;
  }

  /** Milliseconds that a page.js takes, compiled anew in a new document, with somebody there to take the channel. */
  async evaluations(source: string, n: number): Promise<number[]> {
    const page = this.#pages.plain;
    const times: number[] = [];
    for (let i = 0; i < n; i++) {
      await page.goto(this.#url);
      await page.evaluate((text) => void Object.assign(globalThis, { source: text }), source);
      const run = `(() => {
        addEventListener("tallykey", (event) => event.preventDefault(), { once: true });
        const start = performance.now();
        (0, eval)(source);
        return performance.now() - start;
      })()`;
      times.push((await page.evaluate(run)) as number);
    }
    return times.slice(Math.floor(n / 6));
  }
}

/** Of the thread in which the page's DOMContentLoaded was, until then. */
function taskTime(events: Event[]): number {
  const end = events.findLast((event) => event.name === "domContentLoadedEventStart");
  if (!end) return Number.NaN;
  const before = ({ name, pid, tid, ts }: Event) =>
    name === "RunTask" && pid === end.pid && tid === end.tid && ts <= end.ts;
  return time(events.filter(before));
}

const isExtensions = ({ args }: Event): boolean => args?.data?.url?.startsWith("chrome-extension:") ?? false;

const time = (events: Event[]): number => events.reduce((sum, { tdur }) => sum + (tdur ?? 0), 0) / 1000;
