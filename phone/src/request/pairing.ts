import type { DeviceKey } from "../keys/device";
import type { Verified } from "../keys/platform";
import type { Bytes } from "../link/bytes";
import type { Account, Answer, Ended, Paired } from "../link/message";
import type { Offer } from "../link/offer";
import { harmless } from "../link/text";
import { importSecret } from "../link/ufrag";
import type { Self } from "../session/peer";
import type { Platform, Records } from "../store/records";
import type { Ceremony, Covered } from "./ceremony";

/** Failed tries with the platform credential after which a new one is made: somebody may have deleted it. */
const patience = 2;

/**
 * Lets a desktop raise requests on this phone. The first pairing makes the platform credential; later ones show it, so
 * that keys encrypted under it open for every desktop. Registering it again would make another, and asking for both in
 * one pairing would mean two prompts.
 */
export class PairingCeremony implements Ceremony {
  readonly accounts: Account[] = [{ credential: "", name: "", displayName: "" }];
  readonly deviceKey: CryptoKey;
  private platform: Platform | undefined;
  private failures = 0;

  private constructor(
    private readonly offer: Offer,
    private readonly device: DeviceKey,
    private readonly records: Records,
    private readonly self: Self,
    private shown: Platform | undefined,
  ) {
    this.deviceKey = device.private;
  }

  static async prepare(o: Offer, device: DeviceKey, records: Records, self: Self): Promise<PairingCeremony> {
    const platform = await records.platform();
    return new PairingCeremony(o, device, records, self, platform?.origin === self.origin ? platform : undefined);
  }

  async covers(): Promise<Covered> {
    return { credential: "", account: "", payload: this.device.public };
  }

  async verify(challenge: Bytes, ms: number, signal: AbortSignal): Promise<Verified> {
    const { shown } = this;
    if (!shown) return this.self.verifier.create(challenge, this.self.name, ms, signal);
    try {
      return await this.self.verifier.get(challenge, shown.credential, ms, signal);
    } catch (e) {
      if (++this.failures >= patience) this.shown = undefined;
      throw e;
    }
  }

  async answer(_: Account, verified: Verified): Promise<Partial<Answer>> {
    const { shown } = this;
    const made = verified.publicKey;
    const keyProtection = shown?.keyProtection ?? verified.protection;
    const publicKey = shown?.publicKey ?? made ?? new Uint8Array();
    this.platform = { credential: verified.id, publicKey, origin: this.self.origin, keyProtection };
    return { deviceKey: this.device.public, keyProtection, platformKey: shown ? publicKey : new Uint8Array() };
  }

  /** An earlier pairing with the desktop ends: the desktop knows this phone by the new id only. */
  async settle(end: Ended | Paired): Promise<void> {
    if (end.type !== "paired" || !this.platform) return;
    const { desktop: id, port, addresses, certificate } = this.offer;
    const name = harmless(this.offer.name) || id;
    const { credential: verifier, keyProtection, publicKey } = this.platform;
    const secret = await importSecret(end.secret);
    // Without its public key the next desktop could not be shown it.
    if (publicKey.length > 0) await this.records.putPlatform(this.platform);
    await this.records.removeDesktop(id);
    const now = Date.now();
    await this.records.putDesktop({
      ...{ id, name, port, addresses, certificate, phone: end.phone, secret, deviceKey: this.deviceKey },
      ...{ verifier, keyProtection, paired: now, seen: now, removed: false },
    });
  }
}
