import type { Verified } from "../keys/platform";
import type { Bytes } from "../link/bytes";
import type { Account, Answer, Ended, Paired } from "../link/message";

/** What an approval of a ceremony covers. */
export interface Covered {
  credential: string;
  account: string;
  payload: Bytes;
}

/** What a request is about: pairing, making a registration, or signing in. */
export interface Ceremony {
  /** What the person can choose among; one without names for pairing. */
  readonly accounts: Account[];
  /** Signs the approval. */
  readonly deviceKey: CryptoKey;
  /** What the approval of an account covers. */
  covers(account: Account): Promise<Covered>;
  /** Has the platform verify the person. Called inside a tap; it must not wait before it asks the platform. */
  verify(challenge: Bytes, ms: number, signal: AbortSignal): Promise<Verified>;
  /** The members of the answer that are this ceremony's own. Throws KeyGoneError or StorageError. */
  answer(account: Account, verified: Verified): Promise<Partial<Answer>>;
  /**
   * Hears the end once, and keeps or drops what was made.
   * @param sure false where the desktop's last word is missing, so that the website may have the answer or not
   */
  settle(end: Ended | Paired, sure: boolean): Promise<void>;
}
