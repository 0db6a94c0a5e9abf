package registration

import (
	"bytes"
	"context"
)

const trialName = "trial"

// Trial is what serving the phone app from this desktop must keep: a phone's browser keeps its keys by address and port,
// and the person's word on the certificate by the certificate.
type Trial struct {
	CertificatePEM []byte // certificate and private key
	Port           uint16 // TCP
}

type trialItem struct {
	V           int    `json:"v"`
	Certificate string `json:"certificate"`
	Port        uint16 `json:"port"`
}

// Trial returns what SetTrial kept, if anything.
func (s *Store) Trial() (Trial, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.trial == nil {
		return Trial{}, false
	}
	return *s.trial, true
}

// SetTrial keeps the trial's certificate and port, in place of earlier ones.
func (s *Store) SetTrial(ctx context.Context, t Trial) error {
	return s.write(ctx, func() error {
		if err := s.replaceable(trialName); err != nil {
			return err
		}
		t.CertificatePEM = bytes.Clone(t.CertificatePEM)
		value, err := encodeItem(trialName, trialItem{itemVersion, string(t.CertificatePEM), t.Port})
		if err != nil {
			return err
		}
		if err := s.keyring.Set(ctx, trialName, value); err != nil {
			return err
		}
		s.remember(func() { s.trial = &t })
		return nil
	})
}

func (s *Store) takeTrial(value string) bool {
	var i trialItem
	ok := decodeItem(value, &i)
	if ok {
		s.trial = &Trial{[]byte(i.Certificate), i.Port}
	}
	return ok
}
