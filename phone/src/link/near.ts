// What a page can find out about a desktop that stays silent. It has no mDNS of its own, but ICE asks for the name of a
// candidate, and sends checks to it only once somebody has answered.
import { iceChars, random } from "./bytes";
import type { Place } from "./sdp";
import { answer } from "./sdp";

const look = 250; // milliseconds
const looks = 14; // a name that has no answer by then has none

interface Pair {
  type: string;
  requestsSent?: number;
}

/**
 * Whether the desktop's mDNS name is known in the phone's network: the desktop is awake and near, also where nothing but
 * multicast passes. It knocks as a stranger, whom the desktop does not answer. False where the browser does not tell.
 */
export async function near(place: Place): Promise<boolean> {
  const pc = new RTCPeerConnection();
  try {
    pc.createDataChannel("near", { negotiated: true, id: 0 });
    await pc.setLocalDescription();
    const name = { ...place, addresses: [], silent: false };
    const sdp = answer(name, iceChars(random(12)), iceChars(random(24)));
    await pc.setRemoteDescription({ type: "answer", sdp });
    for (let i = 0; i < looks; i++) {
      await new Promise((resolve) => setTimeout(resolve, look));
      if (await knocks(pc)) return true;
    }
  } catch {
    // then nothing is known
  } finally {
    pc.close();
  }
  return false;
}

async function knocks(pc: RTCPeerConnection): Promise<boolean> {
  let sent = 0;
  (await pc.getStats()).forEach((s: Pair) => {
    if (s.type === "candidate-pair") sent += s.requestsSent ?? 0;
  });
  return sent > 0;
}
