import { sign } from "../keys/device";
import type { Verified } from "../keys/platform";
import { get } from "../keys/platform";
import { KeyGoneError, open } from "../keys/registration";
import type { Bytes } from "../link/bytes";
import { decodeBase64url } from "../link/bytes";
import type { Account, Answer, Request } from "../link/message";
import type { Desktop, Records } from "../store/records";
import { opens } from "../store/records";
import { assertionData, signedData } from "./authenticator";
import type { Ceremony, Covered } from "./ceremony";

/** Signs in to a website. */
export class SigningCeremony implements Ceremony {
  readonly deviceKey: CryptoKey;

  private constructor(
    /** Those whose key this phone holds. */
    readonly accounts: Account[],
    private readonly desktop: Desktop,
    private readonly records: Records,
    private readonly data: Bytes,
    private readonly signed: Bytes,
  ) {
    this.deviceKey = desktop.deviceKey;
  }

  /** Throws KeyGoneError where the phone holds none of the keys. */
  static async prepare(request: Request, desktop: Desktop, records: Records): Promise<SigningCeremony> {
    const held: Account[] = [];
    for (const account of request.accounts) {
      const r = await records.registration(account.credential);
      if (r?.rpId === request.rpId && opens(r, desktop)) held.push(account);
    }
    if (held.length === 0) throw new KeyGoneError("none of the keys is on this phone");
    const data = await assertionData(request.rpId);
    return new SigningCeremony(held, desktop, records, data, await signedData(data, request.clientDataJSON));
  }

  async covers(account: Account): Promise<Covered> {
    return { credential: account.credential, account: account.name, payload: this.signed };
  }

  verify(challenge: Bytes, ms: number, signal: AbortSignal): Promise<Verified> {
    return get(challenge, this.desktop.verifier, ms, signal);
  }

  async answer(account: Account, verified: Verified): Promise<Partial<Answer>> {
    const stored = await this.records.registration(account.credential);
    const id = decodeBase64url(account.credential);
    if (!stored || !id) throw new KeyGoneError("the key was removed meanwhile");
    const key = await open(stored.key, verified.prf, id);
    if (stored.pending) await this.records.confirmRegistration(account.credential);
    const signature = await sign(key, this.signed);
    return { credential: account.credential, authenticatorData: this.data, signature };
  }

  async settle(): Promise<void> {}
}
