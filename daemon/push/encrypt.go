package push

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

const (
	saltBytes = 16
	// recordSize is the size of the only record, RFC 8188 section 2.1: our message is far below it.
	recordSize = 4096
	// last ends the plaintext of the last record, RFC 8188 section 2.
	last = 0x02
)

// encrypt writes a message that the holder of a subscription's private key can read, RFC 8291. p256dh is the user
// agent's public key as an uncompressed point, auth its authentication secret.
func encrypt(p256dh, auth, message []byte) ([]byte, error) {
	salt := make([]byte, saltBytes)
	rand.Read(salt)                                  // never fails
	key, err := ecdh.P256().GenerateKey(rand.Reader) // a new one for each message: section 3.1
	if err != nil {
		return nil, err
	}
	return encryptWith(key, salt, p256dh, auth, message)
}

func encryptWith(key *ecdh.PrivateKey, salt, p256dh, auth, message []byte) ([]byte, error) {
	agent, err := ecdh.P256().NewPublicKey(p256dh) // checks that it is a point on the curve
	if err != nil {
		return nil, fmt.Errorf("the subscription's key: %w", err)
	}
	if len(message) > recordSize-100 {
		return nil, errors.New("the message is longer than a record")
	}
	shared, err := key.ECDH(agent)
	if err != nil {
		return nil, err
	}
	public := key.PublicKey().Bytes()
	cek, nonce, err := derive(shared, auth, salt, agent.Bytes(), public)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(cek)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	// The header: salt, record size, and as key id the public key of this side. RFC 8188 section 2.1, RFC 8291 section 4.
	out := binary.BigEndian.AppendUint32(append([]byte{}, salt...), recordSize)
	out = append(append(out, byte(len(public))), public...)
	return gcm.Seal(out, nonce, append(append([]byte{}, message...), last), nil), nil
}

// derive makes the content encryption key and the nonce: RFC 8291 section 3.4.
func derive(shared, auth, salt, agent, server []byte) (cek, nonce []byte, err error) {
	info := "WebPush: info\x00" + string(agent) + string(server)
	ikm, err := hkdf.Key(sha256.New, shared, auth, info, sha256.Size)
	if err != nil {
		return nil, nil, err
	}
	if cek, err = hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16); err != nil {
		return nil, nil, err
	}
	nonce, err = hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)
	return cek, nonce, err
}
