package registration

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"tallykey/phone/link"
)

// A phone's push subscription is an item of its own: beside the phone's it would not fit where items are small. It is
// named by its phone, so no index names it, and it never outlives the phone: it is made after it and removed before it.

const pushPrefix = "push/"

func pushName(phone string) string { return pushPrefix + phone }

type pushItem struct {
	V        int        `json:"v"`
	Phone    string     `json:"phone"`
	Endpoint string     `json:"endpoint"`
	P256DH   link.Bytes `json:"p256dh"`
	Auth     link.Bytes `json:"auth"`
	VAPID    link.Bytes `json:"vapid"`
}

func decodePush(name, value string) (pushItem, bool) {
	var i pushItem
	ok := decodeItem(value, &i) && name == pushName(i.Phone) && link.ValidID(i.Phone) && i.Endpoint != ""
	return i, ok
}

func (i pushItem) subscription() link.PushSubscription {
	return link.PushSubscription{Endpoint: i.Endpoint, P256DH: i.P256DH, Auth: i.Auth, VAPID: i.VAPID}
}

// Push returns the subscription by which a phone can be woken, if it has given one.
func (s *Store) Push(phone string) (link.PushSubscription, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	sub, ok := s.push[phone]
	return sub, ok
}

// SetPush keeps a phone's subscription in place of an earlier one. Without such a phone it fails with ErrPhoneUnknown;
// if the keyring fails, the phone has none.
func (s *Store) SetPush(ctx context.Context, phone string, sub link.PushSubscription) error {
	return s.write(ctx, func() error {
		if _, ok := s.Phone(phone); !ok {
			return fmt.Errorf("%w: %q", ErrPhoneUnknown, phone)
		}
		if err := s.replaceable(pushName(phone)); err != nil {
			return err
		}
		if old, ok := s.Push(phone); ok && samePush(old, sub) {
			return nil
		}
		item := pushItem{itemVersion, phone, strings.Clone(sub.Endpoint), bytes.Clone(sub.P256DH), bytes.Clone(sub.Auth),
			bytes.Clone(sub.VAPID)}
		value, err := encodeItem(pushName(phone), item)
		if err != nil {
			return err
		}
		if err := s.keyring.Set(ctx, pushName(phone), value); err != nil {
			s.remember(func() { delete(s.push, phone) })
			s.doubtful[pushName(phone)] = true
			_ = s.undo(context.WithoutCancel(ctx), pushName(phone))
			return err
		}
		s.remember(func() { s.push[phone] = item.subscription() })
		return nil
	})
}

// RemovePush forgets a phone's subscription, if there is one.
func (s *Store) RemovePush(ctx context.Context, phone string) error {
	return s.write(ctx, func() error { return s.removePush(ctx, phone) })
}

func (s *Store) removePush(ctx context.Context, phone string) error {
	if _, ok := s.Push(phone); !ok {
		return nil
	}
	if err := s.keyring.Delete(ctx, pushName(phone)); err != nil {
		return err
	}
	s.remember(func() { delete(s.push, phone) })
	return nil
}

func samePush(a, b link.PushSubscription) bool {
	return a.Endpoint == b.Endpoint && bytes.Equal(a.P256DH, b.P256DH) && bytes.Equal(a.Auth, b.Auth) &&
		bytes.Equal(a.VAPID, b.VAPID)
}

// takePush puts one item into memory. One whose phone is gone for good goes with the next write.
func (s *Store) takePush(name, value string, all map[string]string) bool {
	phone := strings.TrimPrefix(name, pushPrefix)
	if _, ok := all[phoneName(phone)]; !ok {
		s.doubtful[name] = true
		return true
	}
	item, ok := decodePush(name, value)
	if ok {
		s.push[phone] = item.subscription()
	}
	return ok
}
