/** The main job on real parts, for a person to try or, without a display, to watch. Start it by make run. */
import { demonstrate } from "./run/demonstrate.ts";
import { offer } from "./run/offer.ts";

const { DISPLAY, XAUTHORITY } = process.env;

try {
  if (DISPLAY) await offer({ DISPLAY, ...(XAUTHORITY && { XAUTHORITY }) });
  else await demonstrate();
} catch (failure) {
  console.error(`run: ${(failure as Error).message}`);
  console.error("run: hint: logs and screenshots are in out/run");
  process.exitCode = 1;
}
