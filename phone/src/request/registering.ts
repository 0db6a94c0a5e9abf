import { cose } from "../keys/cose";
import type { Verified } from "../keys/platform";
import { get } from "../keys/platform";
import type { NewKey } from "../keys/registration";
import { newKey, protect } from "../keys/registration";
import type { Bytes } from "../link/bytes";
import { encodeBase64url, random } from "../link/bytes";
import type { Account, Answer, Ended, Paired, Request } from "../link/message";
import type { Desktop, Records } from "../store/records";
import { creationData, signedData } from "./authenticator";
import type { Ceremony, Covered } from "./ceremony";

/** Makes a registration with a website. The key is made before the tap, so that the approval covers it. */
export class RegisteringCeremony implements Ceremony {
  readonly accounts: Account[];
  readonly deviceKey: CryptoKey;

  private constructor(
    private readonly request: Request,
    private readonly desktop: Desktop,
    private readonly records: Records,
    private readonly key: NewKey,
    private readonly publicKey: Bytes,
    private readonly credential: Bytes,
    private readonly data: Bytes,
  ) {
    this.accounts = request.accounts.slice(0, 1);
    this.deviceKey = desktop.deviceKey;
  }

  static async prepare(request: Request, desktop: Desktop, records: Records): Promise<RegisteringCeremony> {
    const key = await newKey();
    const credential = random(16);
    const publicKey = cose(key.point);
    const data = await creationData(request.rpId, credential, key.point);
    return new RegisteringCeremony(request, desktop, records, key, publicKey, credential, data);
  }

  async covers(account: Account): Promise<Covered> {
    const payload = await signedData(this.data, this.request.clientDataJSON);
    return { credential: encodeBase64url(this.credential), account: account.name, payload };
  }

  verify(challenge: Bytes, ms: number, signal: AbortSignal): Promise<Verified> {
    return get(challenge, this.desktop.verifier, ms, signal);
  }

  async answer(account: Account, verified: Verified): Promise<Partial<Answer>> {
    const credential = encodeBase64url(this.credential);
    const key = await protect(this.key, verified.prf, this.credential);
    const { publicKey } = this;
    const told = account.userId?.length ? { userId: account.userId, publicKey } : {};
    await this.records.putRegistration({
      ...told,
      ...{ credential, key, rpId: this.request.rpId, account: account.name, displayName: account.displayName },
      ...{ desktop: this.desktop.id, created: Date.now(), pending: true, verifier: this.desktop.verifier },
    });
    return { credential, authenticatorData: this.data, keyProtection: key.protection };
  }

  /** Without the desktop's last word the key stays, unseen, until it is asked for: the website may know it. */
  async settle(end: Ended | Paired, sure: boolean): Promise<void> {
    const credential = encodeBase64url(this.credential);
    const registered = end.type === "ended" && end.code === "registered";
    if (registered) await this.records.confirmRegistration(credential);
    else if (sure) await this.records.removeRegistration(credential);
  }
}
