// The limits of the protocol, as phone/link/link.go has them. A message that breaks one ends the connection.

/** The protocol version that this build speaks. */
export const version = 1;

export const maxMessage = 64 << 10; // bytes of one message
export const maxName = 64; // bytes of a phone's or desktop's name
export const maxText = 256; // bytes of an account or display name
export const maxAccounts = 16; // of one request
export const maxAddresses = 8; // of a desktop
export const maxClientData = 8 << 10; // bytes
export const maxCeremony = 16 << 10; // bytes of a platform credential's answer, as JSON
export const maxOrigin = 512; // bytes
export const maxCredential = 64; // bytes of a credential ID before base64url
export const maxPublicKey = 256; // bytes of a COSE_Key
export const maxUserID = 64; // bytes of a user handle
export const maxAlgorithms = 8; // COSE algorithms of one request
export const maxEndpoint = 1024; // bytes of a push service's URL
export const removalToken = 16; // bytes
export const maxPage = 24; // registrations in one message
export const maxKept = 128; // credentials in one message
export const maxRemoved = 64; // removals that a phone says again when it connects, the newest
export const offerSeconds = 120; // how long a pairing link is good
export const phoneSecretBytes = 32; // of the secret that a paired phone connects with
export const offerSecretBytes = 16; // of the secret in a pairing link
