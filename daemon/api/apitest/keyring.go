package apitest

import "tallykey/daemon/api"

// SetKeyring makes the server keep everything in k, as the status says too. A file that is locked keeps phones and
// registrations to itself until keyring.unlock, which takes any key.
func (s *Server) SetKeyring(k api.Keyring) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keyring = k
	if s.status.Keyring = k.Part; k.Code == api.KeyringFileLocked {
		s.lock()
	}
}

func (s *Server) describeKeyring(api.ByID) (any, error) {
	k := s.keyring
	k.Part = s.status.Keyring
	return k, nil
}

func (s *Server) lockKeyring(api.ByID) (any, error) {
	if s.keyring.Kind != api.KeyringInFile {
		return nil, failure(api.KeyringNotFile)
	}
	s.lock()
	return nil, nil
}

// lock hides what the file holds, as a daemon does that has forgotten it.
func (s *Server) lock() {
	if s.held == nil {
		held := s.status
		s.held = &held
	}
	s.status.Keyring = api.Part{State: "problem", Code: api.KeyringFileLocked}
	s.status.Desktop, s.status.Host, s.status.Port, s.status.Addresses, s.status.Registrations = "", "", 0, []string{}, 0
	s.setPhones([]api.Phone{})
}

func (s *Server) unlockKeyring(api.KeyringKey) (any, error) {
	if s.keyring.Kind != api.KeyringInFile {
		return nil, failure(api.KeyringNotFile)
	}
	if s.held != nil {
		s.status, s.held = *s.held, nil
	}
	s.status.Keyring = api.Part{State: "ready"}
	s.setPhones(s.status.Phones)
	return nil, nil
}

// listRegistrations fails while they are locked away.
func (s *Server) listRegistrations(api.ByID) (any, error) {
	if s.held != nil {
		return nil, failure(api.KeyringFileLocked)
	}
	return s.registrations, nil
}
