package record

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"time"

	"rapport/account"
	"rapport/errs"
	"rapport/record/internal/backup"
	"rapport/record/internal/ledger"
	"rapport/record/internal/policy"
	"rapport/record/internal/store"
)

// A backup nobody has restored is a hope. So each day's is restored at once, to a folder
// that is thrown away, and tried out. That takes the offline key, which is not here: the
// file is made for a second key too, that lives in memory while it is tried and nowhere
// after. What is tried is the very file that is kept.

// Drill is what became of the last backup that was tried.
type Drill struct {
	At      time.Time     // when it was made
	Took    time.Duration // with trying it
	OK      bool
	Why     string    `json:",omitempty"` // what was wrong, for whoever runs the machine
	Kept    string    `json:",omitempty"` // the name of the file; "" if none is kept: nobody said where
	Size    int64     // in bytes
	Tried   Tried     // what was found in it
	Keyring time.Time `json:",omitzero"` // when the keyring was last copied by us
}

const (
	drillEvery = 24 * time.Hour
	// DrillLate is how old the last backup that was tried may be, before somebody must look.
	DrillLate = 36 * time.Hour
)

var drillKey = []byte("drill")

// Late reports that somebody must look: the last backup was no good, is kept nowhere, or is
// too old.
func (d Drill) Late(now time.Time) bool {
	return !d.OK || d.Kept == "" || now.Sub(d.At) > DrillLate
}

func lastDrill(ctx context.Context, r store.Reader) (Drill, error) {
	var d Drill
	o, err := r.Object(ctx, store.Settings, drillKey)
	if errors.Is(err, store.ErrNotExist) {
		return d, nil
	}
	return d, orElse(err, json.Unmarshal(o.Body, &d))
}

// LastDrill returns what became of the last backup that was tried; the zero Drill if there
// was none.
func (p *Practice) LastDrill(ctx context.Context) (d Drill, err error) {
	if p == nil || p.v == nil {
		return d, errRefused
	}
	err = p.v.st.View(ctx, func(r store.Reader) error { d, err = lastDrill(ctx, r); return err })
	return d, wrap("drill", err)
}

// DrillDue makes a backup and tries it out if that is due, and a copy of the keyring if
// ring.Dir is not "". It reports whether it did. It is for software.
func (v *Vault) DrillDue(ctx context.Context, who account.Actor, data, ring Spare) (bool, error) {
	d := policy.Decide(policy.Facts{Kind: who.Kind(), Level: who.Level(), Purpose: Telling, Target: policy.Directory})
	if !d.Allow() {
		return false, v.noted(ctx, who, Telling, "drill", d)
	}
	var last Drill
	err := v.st.View(ctx, func(r store.Reader) (err error) { last, err = lastDrill(ctx, r); return err })
	if age := v.now.Now().Sub(last.At); err != nil || age >= 0 && age < drillEvery && last.OK {
		return false, wrap("drill", err)
	}
	next, err := v.drill(ctx, data, ring)
	next.Keyring = latest(next.Keyring, last.Keyring)
	if err != nil {
		next.OK, next.Why = false, err.Error()
	}
	raw, merr := json.Marshal(next)
	if merr != nil {
		return true, wrap("drill", merr)
	}
	line := v.line(ctx, who, Telling, "drill", d.Basis, 0)
	line.Entry.How, line.Entry.Refused = next.Kept, !next.OK
	cerr := v.led.Commit(context.WithoutCancel(ctx), &ledger.Act{Lines: []*ledger.Line{line}, Write: func(ctx context.Context, tx store.Tx) error {
		return tx.SetObject(ctx, store.Settings, store.Object{Key: drillKey, Body: raw})
	}})
	return true, wrap("drill", errors.Join(err, cerr))
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// drill makes a backup, and tries it out.
func (v *Vault) drill(ctx context.Context, data, ring Spare) (d Drill, err error) {
	d.At = v.now.Now().UTC()
	at, done, err := scratch(v.folder.dir)
	if err != nil {
		return d, err
	}
	defer done()
	once, err := backup.NewIdentity()
	if err != nil {
		return d, err
	}
	who, err := backup.ParseRecipients(data.For)
	if err != nil {
		return d, err
	}
	if data.Dir != "" && len(who) == 0 {
		return d, errs.E(errs.Invalid, "backups have a folder and no key: give one with --backup-for")
	}
	to := data
	if to.Dir == "" {
		to = Spare{Dir: at}
	}
	c := Config{Dir: v.folder.dir, Clock: v.now, step: v.step}
	made, err := snapshot(ctx, c, at, to, append(who, once.Recipient()))
	if err != nil {
		return d, err
	}
	d.Size = made.Size
	again := filepath.Join(at, "again")
	if err := errors.Join(os.Remove(filepath.Join(at, dataFile)), os.Mkdir(again, 0o700)); err != nil {
		return d, err
	}
	if _, err := backup.Read(made.Path, backup.Just(once), again, v.step); err != nil {
		return d, err
	}
	v.step("the backup is taken apart to be tried")
	if d.Tried, err = tryOut(ctx, again, v.ring, v.st, v.rand); err != nil {
		return d, err
	}
	if data.Dir != "" {
		d.Kept = filepath.Base(made.Path)
	}
	if d.OK = true; ring.Dir != "" {
		r, err := BackupKeyring(ctx, c, ring)
		if err != nil {
			return d, err
		}
		d.Keyring = r.At
	}
	d.Took = v.now.Now().Sub(d.At)
	return d, nil
}
