package registration

import (
	"bytes"
	"context"
	"fmt"
	"time"
)

// SetIdentity keeps this desktop's identity, in place of an earlier one.
func (s *Store) SetIdentity(ctx context.Context, id Identity) error {
	return s.write(ctx, func() error {
		id.CertificatePEM, id.Created = bytes.Clone(id.CertificatePEM), plain(id.Created)
		value, err := encodeItem(identityName, id.item())
		if err != nil {
			return err
		}
		if err := s.keyring.Set(ctx, identityName, value); err != nil {
			return err
		}
		s.remember(func() { s.identity = &id })
		return nil
	})
}

// AddPhone keeps a phone that was paired. It fails with ErrExists if there is one of this id.
func (s *Store) AddPhone(ctx context.Context, p Phone) error {
	return s.write(ctx, func() error {
		if _, ok := s.Phone(p.ID); ok {
			return fmt.Errorf("%w: phone %q", ErrExists, p.ID)
		}
		p = p.clone()
		value, err := encodePhone(p)
		if err != nil {
			return err
		}
		if err := s.add(ctx, phoneName(p.ID), value); err != nil {
			return err
		}
		s.remember(func() { s.phones[p.ID] = p })
		return nil
	})
}

// RenamePhone changes what a phone is called. Without such a phone it fails with ErrPhoneUnknown.
func (s *Store) RenamePhone(ctx context.Context, id, name string) error {
	return s.write(ctx, func() error {
		p, ok := s.Phone(id)
		if !ok {
			return fmt.Errorf("%w: %q", ErrPhoneUnknown, id)
		}
		if p.Name == name {
			return nil
		}
		p.Name = name
		value, err := encodePhone(p)
		if err != nil {
			return err
		}
		if err := s.keyring.Set(ctx, phoneName(id), value); err != nil {
			return err
		}
		s.remember(func() { s.phones[id] = p })
		return nil
	})
}

// RemovePhone forgets a phone and its registrations, these first: if it fails or is killed on the way, the phone is
// still there with the registrations that are left, and can be removed again. Without such a phone it fails with
// ErrPhoneUnknown.
func (s *Store) RemovePhone(ctx context.Context, id string) error {
	return s.write(ctx, func() error {
		if _, ok := s.Phone(id); !ok {
			return fmt.Errorf("%w: %q", ErrPhoneUnknown, id)
		}
		defer s.flush(ctx)
		for _, r := range s.registrationsWhere(func(r Registration) bool { return r.Phone == id }) {
			if err := s.removeRegistration(ctx, registrationName(r.Credential)); err != nil {
				return err
			}
		}
		if err := s.removePush(ctx, id); err != nil {
			return err
		}
		if err := s.delete(ctx, phoneName(id)); err != nil {
			return err
		}
		s.remember(func() { delete(s.phones, id) })
		return nil
	})
}

// Add keeps a new registration. It fails with ErrExists if there is one of this credential, and with ErrPhoneUnknown if
// its phone is not (or no longer) paired.
func (s *Store) Add(ctx context.Context, r Registration) error {
	return s.write(ctx, func() error {
		name := registrationName(r.Credential)
		if s.has(name) {
			return fmt.Errorf("%w: registration at %q", ErrExists, r.RPID)
		}
		if _, ok := s.Phone(r.Phone); !ok {
			return fmt.Errorf("%w: %q", ErrPhoneUnknown, r.Phone)
		}
		r = r.clone()
		value, err := encodeRegistration(r)
		if err != nil {
			return err
		}
		if err := s.add(ctx, name, value); err != nil {
			return err
		}
		s.remember(func() { s.registrations[name] = r })
		return nil
	})
}

// Update changes the registration of a credential; change may set everything but Credential and Phone. Without one it
// fails with ErrRegistrationUnknown. A change that changes nothing writes nothing.
func (s *Store) Update(ctx context.Context, credential []byte, change func(*Registration)) error {
	return s.write(ctx, func() error {
		name := registrationName(credential)
		r, ok := s.registration(name)
		if !ok {
			return ErrRegistrationUnknown
		}
		before, err := encodeRegistration(r)
		if err != nil {
			return err
		}
		r = r.clone()
		change(&r)
		value, err := encodeRegistration(r)
		if err != nil || value == before {
			return err
		}
		if err := s.keyring.Set(ctx, name, value); err != nil {
			return err
		}
		s.remember(func() { s.registrations[name] = r })
		return nil
	})
}

// Remove forgets the registration of a credential. Without one it fails with ErrRegistrationUnknown.
func (s *Store) Remove(ctx context.Context, credential []byte) error {
	return s.write(ctx, func() error {
		name := registrationName(credential)
		if !s.has(name) {
			return ErrRegistrationUnknown
		}
		defer s.flush(ctx)
		return s.removeRegistration(ctx, name)
	})
}

func (s *Store) removeRegistration(ctx context.Context, name string) error {
	if err := s.delete(ctx, name); err != nil {
		return err
	}
	s.remember(func() { delete(s.registrations, name) })
	return nil
}

func (s *Store) has(name string) bool {
	_, ok := s.registration(name)
	return ok
}

func (s *Store) registration(name string) (Registration, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r, ok := s.registrations[name]
	return r, ok
}

// write runs one change at a time. Waiting for an earlier one ends with the context, as ErrFailed.
func (s *Store) write(ctx context.Context, change func() error) error {
	select {
	case s.writer <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("%w: %v", ErrFailed, ctx.Err())
	}
	defer func() { <-s.writer }()
	for name := range s.doubtful {
		if err := s.undo(ctx, name); err != nil {
			return err
		}
	}
	return change()
}

func (s *Store) remember(change func()) {
	s.mu.Lock()
	change()
	changed := s.changed
	s.mu.Unlock()
	if changed != nil {
		changed()
	}
}

func (s *Store) add(ctx context.Context, name, value string) error {
	if err := s.replaceable(name); err != nil {
		return err
	}
	if s.index != nil {
		if err := s.index.add(ctx, s.keyring, name); err != nil {
			return err
		}
	}
	if err := s.keyring.Set(ctx, name, value); err != nil {
		s.doubtful[name] = true
		_ = s.undo(context.WithoutCancel(ctx), name) // if this fails too, the next write tries again
		return err
	}
	return nil
}

// undo takes away an item whose making failed: the keyring may have made it, or make it yet.
func (s *Store) undo(ctx context.Context, name string) error {
	err := s.delete(ctx, name)
	if err == nil {
		delete(s.doubtful, name)
	}
	return err
}

func (s *Store) delete(ctx context.Context, name string) error {
	if err := s.keyring.Delete(ctx, name); err != nil {
		return err
	}
	if s.index != nil {
		s.index.drop(name)
	}
	return nil
}

func (s *Store) flush(ctx context.Context) {
	if s.index != nil {
		s.index.flush(ctx, s.keyring)
	}
}

// clone makes the store independent of the caller's slices.
func (p Phone) clone() Phone {
	p.Secret, p.DeviceKey, p.Paired = bytes.Clone(p.Secret), bytes.Clone(p.DeviceKey), plain(p.Paired)
	p.Platform.ID, p.Platform.PublicKey = bytes.Clone(p.Platform.ID), bytes.Clone(p.Platform.PublicKey)
	return p
}

func (r Registration) clone() Registration {
	r.Credential, r.User.ID = bytes.Clone(r.Credential), bytes.Clone(r.User.ID)
	r.PublicKey, r.Created = bytes.Clone(r.PublicKey), plain(r.Created)
	return r
}

// plain is a time as it comes back from the keyring.
func plain(t time.Time) time.Time { return t.UTC().Round(0) }
