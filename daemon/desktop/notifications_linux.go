package desktop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/godbus/dbus/v5"

	"tallykey/daemon/api"
	"tallykey/daemon/bus"
)

const (
	notifyName  = "org.freedesktop.Notifications"
	notifyPath  = dbus.ObjectPath("/org/freedesktop/Notifications")
	notifyIface = notifyName
)

// appID names the desktop file and the icons of the packages (build/package), without their endings.
const appID = "org.tallykey.Tallykey"

// NotificationsConfig is what Notifications do when a person uses one. The functions run on goroutines of their own and
// get the request's id; none may be nil but Part. None of them approves anything.
type NotificationsConfig struct {
	Language string // "en" or "de"
	Show     func(id string)
	Report   func(id string)
	Cancel   func(id string)
	Part     func(api.Part) // told whenever it changes
}

// Notifications show requests through the desktop's notification service, over a connection of their own.
type Notifications struct {
	cfg NotificationsConfig
	log *slog.Logger

	mu      sync.Mutex // guards the fields that follow
	pending map[string]*asked
	order   []string
	wake    chan struct{}
}

// asked is a request as it is to be shown, with how many wait behind it.
type asked struct {
	request api.Request
	more    int
}

// NewNotifications shows nothing before Run.
func NewNotifications(cfg NotificationsConfig, log *slog.Logger) *Notifications {
	if cfg.Part == nil {
		cfg.Part = func(api.Part) {}
	}
	return &Notifications{cfg: cfg, log: orDiscard(log), pending: map[string]*asked{}, wake: make(chan struct{}, 1)}
}

// Show shows the request as it is now, in place of what was shown of it before; an end closes it or says what happened.
// more is how many requests wait behind it. Show never blocks: of several states in a row only the newest may be seen.
func (n *Notifications) Show(r api.Request, more int) { n.put(r.ID, &asked{r, more}) }

// Close takes the request's notification away.
func (n *Notifications) Close(id string) { n.put(id, nil) }

func (n *Notifications) put(id string, r *asked) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, there := n.pending[id]; !there {
		n.order = append(n.order, id)
	}
	n.pending[id] = r
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

func (n *Notifications) take() (id string, r *asked, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.order) == 0 {
		return "", nil, false
	}
	id, n.order = n.order[0], n.order[1:]
	r = n.pending[id]
	delete(n.pending, id)
	return id, r, true
}

// Run shows what Show is told until ctx ends, and takes everything away then. A desktop without a session bus or without
// a notification service is no error: Part says so.
func (n *Notifications) Run(ctx context.Context) error {
	conn, err := bus.Session(context.Background()) // it must outlast ctx to take everything away
	if err != nil {
		n.cfg.Part(absent("no session bus"))
		<-ctx.Done()
		return nil
	}
	defer conn.Close()
	signals := make(chan *dbus.Signal, 64)
	conn.Signal(signals)
	if err := listen(conn); err != nil {
		return err
	}
	b := &board{n: n, conn: conn, shown: map[string]uint32{}, dismissed: map[string]bool{}}
	b.served(ownerOf(conn, notifyName))
	return b.loop(ctx, signals)
}

func listen(conn *dbus.Conn) error {
	err := conn.AddMatchSignal(dbus.WithMatchSender(notifyName), dbus.WithMatchInterface(notifyIface))
	if err != nil {
		return fmt.Errorf("desktop: notification signals: %w", err)
	}
	return watchOwner(conn, notifyName)
}

// board is the notifications while they run. It belongs to one goroutine.
type board struct {
	n         *Notifications
	conn      *dbus.Conn
	owner     string // unique name of the service; empty: none runs
	asked     bool   // the capabilities of this owner are known
	actions   bool
	markup    bool
	shown     map[string]uint32 // request to notification
	dismissed map[string]bool   // requests whose notification the person closed
	part      api.Part          // as last told
}

func (b *board) loop(ctx context.Context, signals <-chan *dbus.Signal) error {
	for {
		select {
		case <-ctx.Done():
			b.clear()
			return nil
		case <-b.n.wake:
			b.flush()
		case sig, ok := <-signals:
			if !ok {
				return errors.New("desktop: the session bus went away")
			}
			b.signal(sig)
		}
	}
}

// served takes note of the service's owner.
func (b *board) served(owner string) {
	b.owner, b.asked = owner, false
	clear(b.shown) // a new service knows nothing of the old one's
	switch {
	case owner != "":
		b.tell(ready())
	case activatable(b.conn, notifyName): // whether it starts is known once it is needed: it may have no display
		b.tell(api.Part{State: "ready", Detail: OnDemand})
	default:
		b.tell(absent("no program here shows notifications"))
	}
}

func (b *board) tell(p api.Part) {
	if b.part != p {
		b.part = p
		b.n.cfg.Part(p)
	}
}

func (b *board) flush() {
	for {
		id, r, ok := b.n.take()
		if !ok {
			return
		}
		if r == nil {
			b.close(id)
		} else {
			b.show(r.request, r.more)
		}
	}
}

func (b *board) show(r api.Request, more int) {
	b.capabilities()
	note, ok := notificationOf(r, more, b.n.cfg.Language, b.markup)
	quiet := b.dismissed[r.ID] // the person has seen enough of this one
	if r.State == api.Ended {
		delete(b.dismissed, r.ID)
	}
	if !ok || quiet {
		b.close(r.ID)
		return
	}
	id, err := b.notify(note, b.shown[r.ID])
	if err != nil {
		b.failed(err)
		return
	}
	if r.State == api.Ended {
		delete(b.shown, r.ID) // it leaves by itself, and a click on it means nothing any more
		return
	}
	b.shown[r.ID] = id
}

func (b *board) notify(n notification, replaces uint32) (id uint32, err error) {
	actions := n.actions
	if !b.actions || actions == nil {
		actions = []string{}
	}
	hints := map[string]dbus.Variant{
		"urgency": dbus.MakeVariant(n.urgency),
		// Kept in no list of old notifications: the number in it is worth nothing then.
		"transient":     dbus.MakeVariant(true),
		"desktop-entry": dbus.MakeVariant(appID),
	}
	err = b.call("Notify", "tallykey", replaces, appID, n.summary, n.body, actions, hints, n.expires).Store(&id)
	return id, err
}

func (b *board) call(method string, args ...any) *dbus.Call {
	ctx, cancel := context.WithTimeout(context.Background(), busTimeout)
	defer cancel()
	return b.conn.Object(notifyName, notifyPath).CallWithContext(ctx, notifyIface+"."+method, 0, args...)
}

// capabilities asks a service once what it can do. One that does not say can do nothing beyond plain text.
func (b *board) capabilities() {
	if b.asked {
		return
	}
	b.asked = true
	var can []string
	if err := b.call("GetCapabilities").Store(&can); err != nil {
		b.failed(err)
	}
	b.actions, b.markup = slices.Contains(can, "actions"), slices.Contains(can, "body-markup")
	b.owner = ownerOf(b.conn, notifyName) // the call may have started it
}

// failed tells of a service that does not serve, once, in Part and not in the log for each request.
func (b *board) failed(err error) {
	b.asked = false
	b.tell(absent(err.Error()))
}

func (b *board) close(request string) {
	id, ok := b.shown[request]
	if !ok {
		return
	}
	delete(b.shown, request)
	b.call("CloseNotification", id) // one that is gone already is closed enough
}

func (b *board) clear() {
	for request := range b.shown {
		b.close(request)
	}
}

func (b *board) signal(sig *dbus.Signal) {
	if name, owner, ok := ownerChange(sig); ok && name == notifyName {
		b.served(owner)
		return
	}
	// Any program on the bus can send a signal of this name; only the service is believed.
	if b.owner == "" || sig.Sender != b.owner || len(sig.Body) != 2 {
		return
	}
	id, ok := sig.Body[0].(uint32)
	request, known := b.requestOf(id)
	if !ok || !known {
		return
	}
	switch sig.Name {
	case notifyIface + ".ActionInvoked":
		key, _ := sig.Body[1].(string)
		b.invoked(request, key)
	case notifyIface + ".NotificationClosed":
		reason, _ := sig.Body[1].(uint32)
		b.closed(request, reason)
	}
}

func (b *board) requestOf(id uint32) (request string, ok bool) {
	for request, shown := range b.shown {
		if shown == id {
			return request, true
		}
	}
	return "", false
}

func (b *board) invoked(request, key string) {
	cfg := b.n.cfg
	switch key {
	case actionShow:
		go cfg.Show(request)
	case actionReport:
		go cfg.Report(request)
	case actionCancel:
		go cfg.Cancel(request)
	}
}

// dismissedByPerson is a reason of NotificationClosed.
const dismissedByPerson = 2

func (b *board) closed(request string, reason uint32) {
	delete(b.shown, request)
	if reason == dismissedByPerson {
		b.dismissed[request] = true
	}
}

// activatable says whether the bus can start the owner of name.
func activatable(conn *dbus.Conn, name string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), busTimeout)
	defer cancel()
	var names []string
	if conn.BusObject().CallWithContext(ctx, busName+".ListActivatableNames", 0).Store(&names) != nil {
		return false
	}
	return slices.Contains(names, name)
}
