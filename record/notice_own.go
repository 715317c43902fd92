package record

import (
	"context"
	"crypto/ecdh"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// devicesMost bounds how many browsers of one person take pushes.
const devicesMost = 12

// own refuses who has no notices of their own, or has not shown who they are.
func ownNotices(who account.Actor) error {
	if k := who.Kind(); k != account.Client && k != account.Guest && k != account.Staff {
		return errRefused
	}
	if who.Level() < account.ByKey {
		return account.Low(account.ByKey)
	}
	return nil
}

// Notices returns how somebody is told of things, and what they were told lately.
func (v *Vault) Notices(ctx context.Context, who account.Actor) (Notices, error) {
	if err := ownNotices(who); err != nil {
		return Notices{}, err
	}
	var n Notices
	err := v.st.View(ctx, func(r store.Reader) (err error) {
		n, err = v.noticesOf(ctx, r, who.Subject())
		return err
	})
	return n, wrap("notices", err)
}

// SetNotices changes how somebody is told of things. What they were told stays.
func (v *Vault) SetNotices(ctx context.Context, who account.Actor, change func(*Notices) error) error {
	if err := ownNotices(who); err != nil {
		return err
	}
	line := v.line(ctx, who, Entering, "notices", policy.None, 0)
	if c := who.Client(); c != "" {
		v.chain(ctx, line, c)
	}
	return wrap("notices", v.led.Commit(ctx, &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		n, err := v.noticesOf(ctx, tx, who.Subject())
		if err != nil {
			return err
		}
		lately, held, nudged := n.Lately, n.Held, n.Nudged
		if err := change(&n); err != nil {
			return err
		}
		n.Lately, n.Held, n.Nudged = lately, held, nudged
		if err := n.check(); err != nil {
			return err
		}
		return v.putNotices(ctx, tx, who.Subject(), n)
	}}))
}

// check refuses what nobody can be told by.
func (n *Notices) check() error {
	if n.From < 0 || n.From >= 24*60 || n.To < 0 || n.To >= 24*60 {
		return errs.E(errs.Invalid, "record: quiet hours that are none")
	}
	if n.Zone != "" {
		if _, err := time.LoadLocation(n.Zone); err != nil || len(n.Zone) > 64 {
			return errs.E(errs.Invalid, "record: no such time zone")
		}
	}
	if n.Phone != "" && !plainNumber(n.Phone) {
		return errs.Say(errs.E(errs.Invalid, "record: not a number as it is dialled from abroad"), "notices.phone_wrong")
	}
	n.Off = slices.DeleteFunc(n.Off, func(s string) bool {
		group, by, _ := strings.Cut(s, "/")
		return !slices.Contains(Groups, group) || by != account.ByPush && by != account.ByText && by != byMail
	})
	slices.Sort(n.Off)
	n.Off = slices.Compact(n.Off)
	if len(n.Devices) > devicesMost {
		n.Devices = n.Devices[len(n.Devices)-devicesMost:]
	}
	for _, d := range n.Devices {
		u, err := url.Parse(d.Endpoint)
		if err != nil || u.Scheme != "https" || u.Host == "" || len(d.Endpoint) > 1000 || len(d.Key) > 200 || len(d.Auth) > 100 || len(d.Name) > 100 {
			return errs.E(errs.Invalid, "record: a device that takes no pushes")
		}
	}
	return nil
}

// plainNumber reports that a number is written as E.164 has it: + and 8 to 15 digits.
func plainNumber(s string) bool {
	d, ok := strings.CutPrefix(s, "+")
	_, err := strconv.ParseUint(d, 10, 64)
	return ok && err == nil && len(d) >= 8 && len(d) <= 15 && d[0] != '0'
}

// AddDevice has a browser take pushes for somebody; the same one again is one.
func (n *Notices) AddDevice(d Device) {
	n.Devices = append(slices.DeleteFunc(n.Devices, func(o Device) bool { return o.Endpoint == d.Endpoint }), d)
}

// PushKey returns the private key by which push services know this practice (RFC 8292):
// the same at every start.
func (v *Vault) PushKey() (*ecdh.PrivateKey, error) {
	k := v.doorKey.Derive("push")
	for range 8 { // nearly every 32 bytes are a key
		if p, err := ecdh.P256().NewPrivateKey(k[:]); err == nil {
			return p, nil
		}
		k = k.Derive("push again")
	}
	return nil, errs.E(errs.Internal, "record: no key for pushes")
}

// Told returns what the client was told lately, and how far each came, for staff and for the
// client: never what it was about. What is about a thread that is not for whoever asks is not there.
func (c *Chart) Told(ctx context.Context) ([]Notice, error) {
	if c == nil || c.v == nil || !c.byStaff() && c.basis != policy.IsTheirs || c.parts&(Messages|Visits) == 0 {
		return nil, errRefused
	}
	var out []Notice
	err := c.v.st.View(ctx, func(r store.Reader) error {
		n, err := c.v.noticesOf(ctx, r, asClient(c.client))
		if err != nil {
			return err
		}
		out = nil
		for _, one := range n.Lately {
			if one.Object != "" && GroupOf(one.Kind) == "messages" {
				if c.parts&Messages == 0 {
					continue
				}
				if _, err := c.raw(ctx, r, communication, one.Object); err != nil {
					continue
				}
			}
			one.Path = ""
			out = append(out, one)
		}
		return nil
	})
	return out, wrap("told", err)
}
