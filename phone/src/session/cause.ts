import { anyNetwork, clockOff, localNetworkDenied, mobileData } from "../device";
import { near } from "../link/near";
import type { Place } from "../link/sdp";
import { maxClockDifference } from "../link/ufrag";

/**
 * Why a desktop stays silent, as far as a page can tell: the browser keeps the site from the local network, the phone is
 * in no network or in that of its provider, its clock is wrong, or the desktop is near and nothing reaches it. Mostly it
 * can't tell, and the screen names all causes.
 */
export type Cause = "" | "denied" | "offline" | "mobile" | "clock" | "near";

const inexact = 5000; // milliseconds: a host tells whole seconds, and the way takes some

/** Finds out. It takes some seconds where there is nothing to find. */
export async function findCause(place: Place): Promise<Cause> {
  if (await localNetworkDenied()) return "denied";
  if (!anyNetwork()) return "offline";
  if (mobileData()) return "mobile";
  const [off, here] = await Promise.all([clockOff(), near(place)]);
  if (off > maxClockDifference - inexact) return "clock";
  return here ? "near" : "";
}
