/** What the extension says of itself, so that the daemon can say which browsers are connected. */
import type { Browser } from "../protocol.ts";

interface Brand {
  brand: string;
}

/** The browser's name and the extension's version. */
export async function whoAmI(runtime: typeof chrome.runtime): Promise<Browser> {
  const { getBrowserInfo } = runtime as { getBrowserInfo?: () => Promise<{ name: string }> };
  const brands = (navigator as { userAgentData?: { brands: Brand[] } }).userAgentData?.brands ?? [];
  const name = getBrowserInfo ? (await getBrowserInfo()).name : brandOf(brands);
  return { name, extension: runtime.getManifest().version };
}

/**
 * The brand that people know the browser by. The list also holds the engine, and an invented one ("Not.A/Brand") that
 * keeps websites from taking it for more than a list.
 */
export function brandOf(brands: readonly Brand[]): string {
  const names = brands.map(({ brand }) => brand).filter((name) => !/^[\W_]*not[\W_]*a[\W_]*brand/i.test(name));
  return names.find((name) => name !== "Chromium") ?? names[0] ?? "Chromium";
}
