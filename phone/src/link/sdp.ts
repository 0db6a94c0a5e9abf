import type { Bytes } from "./bytes";
import { hostname } from "./text";

/** Where a desktop is and what it is known by. */
export interface Place {
  /** The desktop's id, of which its mDNS name follows. */
  desktop: string;
  port: number;
  /** Last known addresses, best first. */
  addresses: string[];
  /** SHA-256 of the desktop's DTLS certificate: the connection fails with any other. */
  certificate: Bytes;
  /** It stayed silent at its port: another program may have taken that, and the desktop one of the next. */
  silent?: boolean;
}

/** How many ports a desktop moves on at most where others are taken. */
const nextPorts = 3;

/**
 * The desktop's SDP answer, which the phone writes itself: there is no signalling server. Addresses come before the
 * mDNS name, because Chrome on Android leaves ".local" to the system. There is no a=ice-lite although the desktop is:
 * with it Chromium nominates only on its second check, 50 ms later.
 */
export function answer(place: Place, ufrag: string, password: string): string {
  const hosts = [...place.addresses, hostname(place.desktop)];
  const ports = [place.port, ...(place.silent ? next(place.port) : [])];
  const candidates = ports.flatMap((port) => hosts.map((host) => `${host} ${port}`));
  return [
    "v=0",
    "o=- 1 1 IN IP4 0.0.0.0",
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "c=IN IP4 0.0.0.0",
    "a=mid:0",
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${password}`,
    `a=fingerprint:sha-256 ${colons(place.certificate)}`,
    "a=setup:passive",
    "a=sctp-port:5000",
    "a=max-message-size:65536",
    ...candidates.map((to, i) => `a=candidate:${i + 1} 1 udp ${2130706431 - i} ${to} typ host`),
    "a=end-of-candidates",
    "",
  ].join("\r\n");
}

function next(port: number): number[] {
  return Array.from({ length: nextPorts }, (_, i) => port + 1 + i).filter((p) => p <= 0xffff);
}

function colons(bytes: Bytes): string {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0").toUpperCase()).join(":");
}

/** SHA-256 of the certificate in a description. Throws where it names none, which no browser does. */
export function fingerprint(sdp: string): Bytes {
  const hex = /^a=fingerprint:sha-256 ((?:[0-9A-F]{2}:){31}[0-9A-F]{2})\r?$/im.exec(sdp)?.[1];
  if (!hex) throw new Error("the browser's offer has no SHA-256 fingerprint");
  return Uint8Array.from(hex.split(":"), (h) => Number.parseInt(h, 16));
}
