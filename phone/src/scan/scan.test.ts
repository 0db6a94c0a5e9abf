// @vitest-environment happy-dom
import encodeQR from "qr";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openCamera, scan } from "./scan";

afterEach(() => vi.unstubAllGlobals());

const link = `https://phone.contoso.example/#v=1&d=abcdefghij234567&n=alice-desktop&p=47113&a=192.0.2.7&f=${"7".repeat(43)}&s=${"k".repeat(22)}`;
const anything = () => true;

/** What the camera shows: a code of dark modules of four pixels, with a quiet border. */
function picture(text: string): { width: number; height: number; data: Uint8ClampedArray } {
  const modules = encodeQR(text, "raw", { border: 4 });
  const width = modules.length * 4;
  const data = new Uint8ClampedArray(width * width * 4).fill(255);
  for (let y = 0; y < width; y++) {
    for (let x = 0; x < width; x++) {
      if (modules[y >> 2]?.[x >> 2]) data.fill(0, (y * width + x) * 4, (y * width + x) * 4 + 3);
    }
  }
  return { width, height: width, data };
}

/** A video whose frames come one after the other. */
function video(...frames: string[]): HTMLVideoElement {
  const element = { videoWidth: 400, videoHeight: 400 } as HTMLVideoElement;
  const shown = () => picture(frames.length > 1 ? (frames.shift() as string) : (frames[0] as string));
  const context = { drawImage: () => {}, getImageData: shown };
  vi.spyOn(document, "createElement").mockReturnValueOnce({ getContext: () => context } as never);
  return element;
}

describe("the scanner", () => {
  it("reads a pairing link with its own decoder where the browser has none", async () => {
    expect(await scan(video(link), anything, new AbortController().signal)).toBe(link);
  });

  it("goes on past codes that are no pairing link", async () => {
    const wanted = (text: string) => text === link;
    expect(await scan(video("https://example.com", link), wanted, new AbortController().signal)).toBe(link);
  });

  it("uses the browser's detector where it reads such codes", async () => {
    class BarcodeDetector {
      static getSupportedFormats = async () => ["qr_code"];
      detect = async () => [{ rawValue: link }];
    }
    vi.stubGlobal("BarcodeDetector", BarcodeDetector);
    expect(await scan({} as HTMLVideoElement, anything, new AbortController().signal)).toBe(link);
  });

  it("stops when it is told to", async () => {
    const stop = new AbortController();
    const read = scan(video("x"), () => false, stop.signal);
    stop.abort();
    expect(await read).toBeUndefined();
  });

  it("asks for the camera at the back, and for no sound", async () => {
    const ask = vi.fn(async () => ({}));
    vi.stubGlobal("navigator", { mediaDevices: { getUserMedia: ask } });
    await openCamera();
    expect(ask).toHaveBeenCalledWith({ audio: false, video: { facingMode: "environment" } });
  });
});
