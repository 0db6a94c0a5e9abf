import type { Verified, Verifier } from "../keys/platform";
import { openSecret, results } from "../keys/prf";
import { KeyGoneError, open, signAs } from "../keys/registration";
import type { Bytes } from "../link/bytes";
import { decodeBase64url } from "../link/bytes";
import type { Account, Answer, Request } from "../link/message";
import { numberMatchOutput } from "../link/numbermatch";
import type { Desktop, Records, Registration } from "../store/records";
import { opens } from "../store/records";
import { assertionData, signedData } from "./authenticator";
import type { Ceremony, Covered } from "./ceremony";

/** Signs in to a website. */
export class SigningCeremony implements Ceremony {
  readonly deviceKey: CryptoKey;

  private constructor(
    /** Those whose key this phone holds. */
    readonly accounts: Account[],
    private readonly request: Request,
    private readonly desktop: Desktop,
    private readonly records: Records,
    private readonly verifier: Verifier,
    private readonly data: Bytes,
    private readonly signed: Bytes,
  ) {
    this.deviceKey = desktop.deviceKey;
  }

  /** Throws KeyGoneError where the phone holds none of the keys. */
  static async prepare(request: Request, d: Desktop, records: Records, v: Verifier): Promise<SigningCeremony> {
    const held: Account[] = [];
    for (const account of request.accounts) {
      const r = await records.registration(account.credential);
      if (r?.rpId === request.rpId && opens(r, d)) held.push(account);
    }
    if (held.length === 0) throw new KeyGoneError("none of the keys is on this phone");
    const output = request.numberMatch ? numberMatchOutput(request.mode, d.keyProtection) : undefined;
    const data = await assertionData(request.rpId, output);
    const signed = await signedData(data, request.clientDataJSON);
    return new SigningCeremony(held, request, d, records, v, data, signed);
  }

  async covers(account: Account): Promise<Covered> {
    return { credential: account.credential, account: account.name, payload: this.signed };
  }

  verify(challenge: Bytes, ms: number, signal: AbortSignal): Promise<Verified> {
    return this.verifier.get(challenge, this.desktop.verifier, ms, signal);
  }

  async answer(account: Account, verified: Verified): Promise<Partial<Answer>> {
    const stored = await this.records.registration(account.credential);
    const id = decodeBase64url(account.credential);
    if (!stored || !id) throw new KeyGoneError("the key was removed meanwhile");
    const key = await open(stored.key, stored.algorithm, verified.secret, id);
    if (stored.pending) await this.records.confirmRegistration(account.credential);
    const signature = await signAs(stored.algorithm, key, this.signed);
    const prf = await this.prf(stored, account, verified, id);
    return { ...prf, credential: account.credential, authenticatorData: this.data, signature };
  }

  /** A registration that an early version made has no secret: the website hears that its credential has no prf. */
  private async prf(r: Registration, account: Account, v: Verified, id: Bytes): Promise<Partial<Answer>> {
    if (!this.request.prf || !r.prf) return {};
    const secret = await openSecret(r.prf, v.secret, id);
    return { prf: { results: await results(secret, account.prf) } };
  }

  async settle(): Promise<void> {}
}
