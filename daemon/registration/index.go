package registration

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// index names the items of a keyring that can't be listed, in pages of less than MaxItem bytes. It is always written
// before the item it names and after the item is gone. An entry without an item is thus normal: it is dropped when its
// page is written the next time.
type index struct {
	pages []*page
}

type page struct {
	names []string
	stale bool // the keyring's copy has entries too many
	full  bool // another name was tried and did not fit
}

type pageItem struct {
	V             int      `json:"v"`
	Phones        []string `json:"phones,omitempty"`
	Registrations []string `json:"registrations,omitempty"`
}

func pageName(n int) string { return "index/" + strconv.Itoa(n) }

// maxPages bounds what is read of a keyring: a million items.
const maxPages = 10_000

// loadIndex reads the pages up to the first that isn't there; none is ever removed. A page that can't be read is
// ErrFailed: going on would lose what it names.
func loadIndex(ctx context.Context, k Keyring) (*index, error) {
	x := &index{}
	for n := range maxPages {
		value, err := k.Get(ctx, pageName(n))
		if errors.Is(err, ErrNotFound) {
			return x, nil
		}
		if err != nil {
			return nil, err
		}
		var item pageItem
		if !decodeItem(value, &item) {
			return nil, unreadable(pageName(n), value)
		}
		x.pages = append(x.pages, &page{names: item.names()})
	}
	return nil, fmt.Errorf("%w: more than %d pages", ErrFailed, maxPages)
}

// load reads every item that the index names.
func (x *index) load(ctx context.Context, k Keyring) (map[string]string, error) {
	all := map[string]string{}
	for _, name := range x.names() {
		value, err := k.Get(ctx, name)
		switch {
		case errors.Is(err, ErrNotFound):
			x.drop(name)
		case err != nil:
			return nil, err
		default:
			all[name] = value
		}
	}
	return all, nil
}

func (x *index) names() []string {
	var all []string
	for _, p := range x.pages {
		all = append(all, p.names...)
	}
	return all
}

// add writes the page that names an item from now on.
func (x *index) add(ctx context.Context, k Keyring, name string) error {
	for n, p := range x.pages {
		if p.full {
			continue
		}
		next, err := p.with(name)
		if err == nil {
			return p.write(ctx, k, n, next)
		}
		p.full = true
	}
	p := &page{}
	next, err := p.with(name)
	if err != nil {
		return err
	}
	if err := p.write(ctx, k, len(x.pages), next); err != nil {
		return err
	}
	x.pages = append(x.pages, p)
	return nil
}

func (p *page) write(ctx context.Context, k Keyring, n int, names []string) error {
	value, err := encodeItem(pageName(n), newPageItem(names))
	if err != nil {
		return err
	}
	if err := k.Set(ctx, pageName(n), value); err != nil {
		p.stale = true
		return err
	}
	p.names, p.stale = names, false
	return nil
}

// with is the page's names and one more; the error says that they don't fit.
func (p *page) with(name string) ([]string, error) {
	names := append(slices.Clone(p.names), name)
	_, err := encodeItem("index", newPageItem(names))
	return names, err
}

// drop forgets an item that is gone; flush tells the keyring.
func (x *index) drop(name string) {
	for _, p := range x.pages {
		if i := slices.Index(p.names, name); i >= 0 {
			p.names, p.stale, p.full = slices.Delete(p.names, i, i+1), true, false
		}
	}
}

// flush writes the pages that name items too many. An error does no harm: the next write of the page repairs it.
func (x *index) flush(ctx context.Context, k Keyring) {
	for n, p := range x.pages {
		if p.stale {
			_ = p.write(ctx, k, n, p.names)
		}
	}
}

func newPageItem(names []string) pageItem {
	item := pageItem{V: itemVersion}
	for _, name := range names {
		if id, ok := strings.CutPrefix(name, phonePrefix); ok {
			item.Phones = append(item.Phones, id)
		} else {
			item.Registrations = append(item.Registrations, strings.TrimPrefix(name, registrationPrefix))
		}
	}
	return item
}

func (i pageItem) names() []string {
	var names []string
	for _, id := range i.Phones {
		names = append(names, phonePrefix+id)
	}
	for _, id := range i.Registrations {
		names = append(names, registrationPrefix+id)
	}
	return names
}
