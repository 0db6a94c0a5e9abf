import { afterAll, afterEach, beforeAll } from "vitest";
import { World, type WorldOptions } from "./world.ts";

/**
 * A world for the tests of one file, started before the first and ended after the last. After a test that failed its
 * screenshots are in the world's folder in out/.
 */
export function scene(
  name: string,
  options: WorldOptions = {},
  prepare?: (world: World) => Promise<void>,
): () => World {
  let world: World | undefined;
  beforeAll(async () => {
    world = await World.start(`e2e/${name}`, options);
    await prepare?.(world).catch(async (failure) => {
      await world?.screenshots("prepare");
      throw failure;
    });
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await world?.screenshots(task.name.replaceAll(/[^a-z0-9]+/gi, "-").slice(0, 60));
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
  });
  return () => {
    if (!world) throw new Error("the world did not start");
    return world;
  };
}
