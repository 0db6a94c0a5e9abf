import type { Verified, Verifier } from "../keys/platform";
import { newSecret, protectSecret, results } from "../keys/prf";
import type { NewKey } from "../keys/registration";
import { newKey, pickAlgorithm, protect } from "../keys/registration";
import type { Bytes } from "../link/bytes";
import { encodeBase64url, random } from "../link/bytes";
import type { Account, Answer, Ended, Paired, Request } from "../link/message";
import { numberMatchOutput } from "../link/numbermatch";
import type { Desktop, Records } from "../store/records";
import { creationData, signedData } from "./authenticator";
import type { Ceremony, Covered } from "./ceremony";

/** The website takes none of the algorithms that this phone makes keys for. */
export class AlgorithmError extends Error {
  override name = "AlgorithmError";
}

/** What is made for a registration before the person is asked. */
interface Made {
  key: NewKey;
  /** Of the prf extension; every registration has one, for a website may ask for it later. */
  secret: CryptoKey;
  credential: Bytes;
  authenticatorData: Bytes;
}

/** Makes a registration with a website. The key is made before the tap, so that the approval covers it. */
export class RegisteringCeremony implements Ceremony {
  readonly accounts: Account[];
  readonly deviceKey: CryptoKey;

  private constructor(
    private readonly request: Request,
    private readonly desktop: Desktop,
    private readonly records: Records,
    private readonly verifier: Verifier,
    private readonly made: Made,
  ) {
    this.accounts = request.accounts.slice(0, 1);
    this.deviceKey = desktop.deviceKey;
  }

  /** Throws AlgorithmError. */
  static async prepare(r: Request, d: Desktop, records: Records, v: Verifier): Promise<RegisteringCeremony> {
    const algorithm = await pickAlgorithm(r.algorithms);
    if (algorithm === undefined) throw new AlgorithmError("no algorithm in common");
    const key = await newKey(algorithm);
    const credential = random(16);
    const output = r.numberMatch ? numberMatchOutput(r.mode, d.keyProtection) : undefined;
    const authenticatorData = await creationData(r.rpId, credential, key.public, output);
    const made = { key, secret: await newSecret(), credential, authenticatorData };
    return new RegisteringCeremony(r, d, records, v, made);
  }

  async covers(account: Account): Promise<Covered> {
    const payload = await signedData(this.made.authenticatorData, this.request.clientDataJSON);
    return { credential: encodeBase64url(this.made.credential), account: account.name, payload };
  }

  verify(challenge: Bytes, ms: number, signal: AbortSignal): Promise<Verified> {
    return this.verifier.get(challenge, this.desktop.verifier, ms, signal);
  }

  async answer(account: Account, verified: Verified): Promise<Partial<Answer>> {
    const { key: pair, secret, authenticatorData } = this.made;
    const credential = encodeBase64url(this.made.credential);
    const key = await protect(pair, verified, this.made.credential);
    const prf = await protectSecret(secret, verified, this.made.credential);
    const told = account.userId?.length ? { userId: account.userId, publicKey: pair.public } : {};
    await this.records.putRegistration({
      ...{ ...told, credential, key, prf, algorithm: pair.algorithm, rpId: this.request.rpId, account: account.name },
      ...{ displayName: account.displayName, desktop: this.desktop.id, created: Date.now(), pending: true },
      verifier: this.desktop.verifier,
      ...(this.request.unregister?.length ? { unregister: this.request.unregister } : {}),
    });
    const asked = this.request.prf ? { prf: { results: await results(secret, account.prf) } } : {};
    return { ...asked, credential, authenticatorData, keyProtection: key.protection };
  }

  /** Without the desktop's last word the key stays, unseen, until it is asked for: the website may know it. */
  async settle(end: Ended | Paired, sure: boolean): Promise<void> {
    const credential = encodeBase64url(this.made.credential);
    const registered = end.type === "ended" && end.code === "registered";
    if (registered) await this.records.confirmRegistration(credential);
    else if (sure) await this.records.removeRegistration(credential);
  }
}
