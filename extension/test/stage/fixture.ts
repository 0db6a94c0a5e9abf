/** How every browser test begins: a stage for the file, and a new page for each test. */
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { agree, type Behaviour, type FakeDaemon } from "./daemon.ts";
import { Stage } from "./stage.ts";

/** What tests use; each member is the one of the test that runs. */
export interface Fixture {
  readonly stage: Stage;
  readonly page: Page;
  readonly daemon: FakeDaemon;
  /** Opens another page of the site in the place of the test's own. */
  reopen(): Promise<void>;
}

/** Prepares a stage whose daemon behaves so, and a page of the host for each test of the file. */
export function useStage(host = "localhost", behave: Behaviour = agree): Fixture {
  let stage: Stage;
  let page: Page;
  beforeAll(async () => {
    stage = await Stage.open();
  });
  afterAll(() => stage?.close());
  beforeEach(async () => {
    stage.install();
    stage.daemon.reset();
    stage.daemon.behave = behave;
    page = await stage.page(host);
    return () => page.close().catch(() => {}); // a test may have closed it, or its browser
  });
  return {
    get stage() {
      return stage;
    },
    get page() {
      return page;
    },
    get daemon() {
      return stage.daemon;
    },
    async reopen() {
      page = await stage.page(host);
    },
  };
}
