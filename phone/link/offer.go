package link

import (
	"crypto/sha256"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Offer is what the QR code holds: everything a phone needs to reach this desktop and to know it again. Its secret
// opens one pairing within OfferSeconds. It stands in the URL's fragment, which never reaches a server.
type Offer struct {
	Desktop     string            // id
	Name        string            // what the desktop calls itself, for the person
	Port        uint16            // UDP
	Addresses   []netip.Addr      // at most MaxAddresses, best first
	Certificate [sha256.Size]byte // SHA-256 of the desktop's DTLS certificate in DER; the phone pins it
	Secret      Secret            // OfferSecretBytes
}

// Link is the offer as a URL of the phone app:
//
//	https://phone.example/#v=1&d=<id>&n=<name>&p=<port>&a=<addresses>&f=<certificate>&s=<secret>
//
// f and s are base64url; addresses are separated by commas.
func (o Offer) Link(app *url.URL) string {
	u := *app
	u.Fragment, u.RawFragment = "", ""
	addrs := make([]string, len(o.Addresses))
	for i, a := range o.Addresses {
		addrs[i] = a.String()
	}
	q := []string{"v=" + strconv.Itoa(Version), "d=" + o.Desktop, "n=" + url.QueryEscape(o.Name),
		"p=" + strconv.Itoa(int(o.Port)), "a=" + strings.Join(addrs, ","),
		"f=" + B64.EncodeToString(o.Certificate[:]), "s=" + B64.EncodeToString(o.Secret)}
	return u.String() + "#" + strings.Join(q, "&")
}

// maxLink bounds what ParseOffer looks at: a QR code holds less than 3 KiB.
const maxLink = 3 << 10

// ParseOffer reads a pairing link, or its fragment alone. The error wraps ErrOffer and never quotes the secret.
func ParseOffer(link string) (Offer, error) {
	if len(link) > maxLink {
		return Offer{}, fmt.Errorf("%w: %d bytes", ErrOffer, len(link))
	}
	if _, fragment, ok := strings.Cut(link, "#"); ok {
		link = fragment
	}
	q, err := url.ParseQuery(link)
	if err != nil {
		return Offer{}, fmt.Errorf("%w: fragment is not key=value", ErrOffer)
	}
	if v := q.Get("v"); v != strconv.Itoa(Version) {
		return Offer{}, fmt.Errorf("%w: version %.8q", ErrOffer, v)
	}
	return offerFrom(q)
}

func offerFrom(q url.Values) (Offer, error) {
	o := Offer{Desktop: q.Get("d"), Name: q.Get("n")}
	port, err := strconv.ParseUint(q.Get("p"), 10, 16)
	if err != nil || port == 0 {
		return Offer{}, fmt.Errorf("%w: port", ErrOffer)
	}
	o.Port = uint16(port)
	cert, err := decode64(q.Get("f"))
	if err != nil || copy(o.Certificate[:], cert) != sha256.Size || len(cert) != sha256.Size {
		return Offer{}, fmt.Errorf("%w: certificate", ErrOffer)
	}
	if o.Secret, err = decode64(q.Get("s")); err != nil || len(o.Secret) != OfferSecretBytes {
		return Offer{}, fmt.Errorf("%w: secret", ErrOffer)
	}
	if !ValidID(o.Desktop) || o.Name == "" || !Printable(o.Name, MaxName) {
		return Offer{}, fmt.Errorf("%w: desktop", ErrOffer)
	}
	if o.Addresses, err = ParseAddresses(strings.Split(q.Get("a"), ",")); err != nil {
		return Offer{}, fmt.Errorf("%w: addresses", ErrOffer)
	}
	return o, nil
}

// ParseAddresses reads at most MaxAddresses IP addresses without zones; an empty text is none.
func ParseAddresses(texts []string) ([]netip.Addr, error) {
	if len(texts) > MaxAddresses {
		return nil, malformed("%d addresses", len(texts))
	}
	var out []netip.Addr
	for _, t := range texts {
		if t == "" {
			continue
		}
		a, err := netip.ParseAddr(t)
		if err != nil || unusable(a) {
			return nil, malformed("address %.48q", t)
		}
		out = append(out, a)
	}
	return out, nil
}

// unusable says whether a is no address that another machine can be told.
func unusable(a netip.Addr) bool {
	return !a.IsValid() || a.Zone() != "" || a.IsMulticast() || a.IsUnspecified()
}
