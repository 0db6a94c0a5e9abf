// Reads the pairing code with the camera. The platform's detector comes first; elsewhere a decoder is loaded when it is
// needed, as a file of its own. No picture leaves this page or is kept.

/** A picture's pixels, four bytes each. */
interface Picture {
  width: number;
  height: number;
  data: Uint8ClampedArray;
}

/** Finds the text of a code in what the camera shows. */
type Look = (video: HTMLVideoElement) => Promise<string>;

interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}

interface DetectorClass {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<string[]>;
}

const pause = 120; // milliseconds between looks
const widest = 960; // pixels that the decoder is given

/** Opens the camera at the back. Rejects where the person or the browser does not allow it. */
export function openCamera(): Promise<MediaStream> {
  return navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: "environment" } });
}

/** Looks until it reads a text that is wanted. Undefined where the signal aborted it. */
export async function scan(
  video: HTMLVideoElement,
  wanted: (text: string) => boolean,
  signal: AbortSignal,
): Promise<string | undefined> {
  const look = (await platform()) ?? (await loaded());
  while (!signal.aborted) {
    const text = await look(video).catch(() => "");
    if (!signal.aborted && wanted(text)) return text;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return undefined;
}

async function platform(): Promise<Look | undefined> {
  const { BarcodeDetector } = globalThis as { BarcodeDetector?: DetectorClass };
  const formats = await BarcodeDetector?.getSupportedFormats().catch((): string[] => []);
  if (!BarcodeDetector || !formats?.includes("qr_code")) return undefined;
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  return async (video) => (await detector.detect(video))[0]?.rawValue ?? "";
}

async function loaded(): Promise<Look> {
  const { default: decode } = await import("qr/decode.js");
  const canvas = document.createElement("canvas");
  return async (video) => decode(picture(video, canvas), { format: "RGBA" });
}

function picture(video: HTMLVideoElement, canvas: HTMLCanvasElement): Picture {
  const scale = Math.min(1, widest / video.videoWidth);
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context || canvas.width === 0) throw new Error("no picture yet");
  context.drawImage(video, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}
