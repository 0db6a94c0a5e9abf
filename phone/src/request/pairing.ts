import type { DeviceKey } from "../keys/device";
import type { Verified } from "../keys/platform";
import { create } from "../keys/platform";
import type { Bytes } from "../link/bytes";
import type { Account, Answer, Ended, Paired } from "../link/message";
import type { Offer } from "../link/offer";
import { importSecret } from "../link/ufrag";
import type { Records } from "../store/records";
import type { Ceremony, Covered } from "./ceremony";

/** Lets a desktop raise requests on this phone. */
export class PairingCeremony implements Ceremony {
  readonly accounts: Account[] = [{ credential: "", name: "", displayName: "" }];
  readonly deviceKey: CryptoKey;
  private verified: Verified | undefined;

  constructor(
    private readonly offer: Offer,
    private readonly device: DeviceKey,
    private readonly records: Records,
  ) {
    this.deviceKey = device.private;
  }

  async covers(): Promise<Covered> {
    return { credential: "", account: "", payload: this.device.public };
  }

  verify(challenge: Bytes, ms: number, signal: AbortSignal): Promise<Verified> {
    return create(challenge, this.offer.name, ms, signal);
  }

  async answer(_: Account, verified: Verified): Promise<Partial<Answer>> {
    this.verified = verified;
    return { deviceKey: this.device.public, keyProtection: verified.hasPRF ? "prf" : "device" };
  }

  /** An earlier pairing with the desktop ends: the desktop knows this phone by the new id only. */
  async settle(end: Ended | Paired): Promise<void> {
    if (end.type !== "paired" || !this.verified) return;
    const { desktop: id, name, port, addresses, certificate } = this.offer;
    const secret = await importSecret(end.secret);
    await this.records.removeDesktop(id);
    const now = Date.now();
    await this.records.putDesktop({
      ...{ id, name, port, addresses, certificate, phone: end.phone, secret, deviceKey: this.deviceKey },
      ...{ verifier: this.verified.id, keyProtection: this.verified.hasPRF ? "prf" : "device" },
      ...{ paired: now, seen: now, removed: false },
    });
  }
}
