package record

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // to edit the data file behind the vault's back

	"rapport/account"
	"rapport/clock"
	"rapport/errs"
	"rapport/fhir"
	"rapport/fhir/search"
	"rapport/record/internal/ledger"
	"rapport/record/internal/store"
)

// house is a practice of the test's own, in a folder of its own, with one member
// of staff for each role and two clients, Ada and Bob.
type house struct {
	t        testing.TB
	dir, key string
	now      *clock.Fake
	v        *Vault
	doors    *account.Doors
	ada, bob fhir.ClientID
}

var start = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// importer is the software that brings records in.
var importer = account.AsSystem(account.Importer)

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, dir: filepath.Join(t.TempDir(), "data"), key: filepath.Join(t.TempDir(), "key"), now: clock.At(start)}
	v, err := Create(t.Context(), h.config())
	do(t, err)
	h.use(v)
	p, err := v.OpenPractice(t.Context(), importer, Importing)
	do(t, err)
	for _, r := range account.AllRoles() {
		do(t, p.SetStaff(t.Context(), StaffMember{ID: r.String(), Name: "Staff " + r.String(), Title: r.String(), Roles: r.String()}))
	}
	h.ada = h.admit("ada", "Ada", "Lovelace", "1815-12-10")
	h.bob = h.admit("bob", "Bob", "Odenkirk", "1962-10-22")
	return h
}

func (h *house) config() Config { return Config{Dir: h.dir, KeyFile: h.key, Clock: h.now} }

func (h *house) use(v *Vault) {
	h.v, h.doors = v, account.New(v, v, h.now)
	h.t.Cleanup(func() { v.Close() }) //nolint:errcheck // some tests break it on purpose
}

// reopen closes the vault and opens it again, as a new start would.
func (h *house) reopen() {
	h.t.Helper()
	do(h.t, h.v.Close())
	v, err := Open(context.Background(), h.config())
	do(h.t, err)
	h.use(v)
}

func do(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (h *house) admit(id, given, family, birth string) fhir.ClientID {
	h.t.Helper()
	return h.admitAs(patient(id, given, family, birth))
}

func (h *house) admitAs(r fhir.Resource) fhir.ClientID {
	h.t.Helper()
	c, err := h.v.Admit(context.Background(), importer, Importing)
	do(h.t, err)
	_, err = c.Put(context.Background(), r)
	do(h.t, err)
	return c.Client()
}

func patient(id, given, family, birth string) fhir.Resource {
	return resource("Patient", id, fmt.Sprintf(`"name":[{"use":"official","family":%q,"given":[%q]}],"birthDate":%q,"telecom":[{"system":"phone","value":"+1 555 01%02d"}]`, family, given, birth, len(given)*7))
}

func resource(typ, id, rest string) fhir.Resource {
	return fhir.Resource{Type: typ, ID: id, JSON: []byte(fmt.Sprintf(`{"resourceType":%q,"id":%q,%s}`, typ, id, rest))}
}

// pulse is an observation about somebody.
func pulse(id, of string, value int) fhir.Resource {
	return resource("Observation", id, fmt.Sprintf(`"status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]},"subject":{"reference":"Patient/%s"},"effectiveDateTime":"2026-11-%02d","valueQuantity":{"value":%d}`, of, value%28+1, value))
}

func condition(id, of, code string) fhir.Resource {
	return resource("Condition", id, fmt.Sprintf(`"code":{"coding":[{"system":"http://snomed.info/sct","code":%q}]},"subject":{"reference":"Patient/%s"}`, code, of))
}

// staff returns the actor of somebody with these roles, signed in at the door.
func (h *house) staff(id string) account.Actor {
	h.t.Helper()
	return h.enter(account.Subject{Kind: account.Staff, ID: id})
}

func (h *house) client(c fhir.ClientID) account.Actor {
	h.t.Helper()
	return h.enter(account.Subject{Kind: account.Client, ID: string(c)})
}

func (h *house) enter(s account.Subject) account.Actor {
	h.t.Helper()
	link, err := h.doors.Invite(context.Background(), s, account.Demo)
	do(h.t, err)
	in, err := h.doors.Enter(context.Background(), link, account.Ask{})
	do(h.t, err)
	who, err := h.doors.Who(context.Background(), in.Token)
	do(h.t, err)
	if who.Kind() != s.Kind || who.ID() != s.ID {
		h.t.Fatalf("signed in as %v, want %v", who, s)
	}
	return who
}

// open opens a chart that must open.
func (h *house) open(who account.Actor, why Purpose, whose fhir.ClientID, what Parts) *Chart {
	h.t.Helper()
	c, err := h.v.Open(context.Background(), who, why, whose, what)
	do(h.t, err)
	return c
}

// bring opens a chart for writing and reading everything, as the importer.
func (h *house) bring(whose fhir.ClientID) *Chart {
	h.t.Helper()
	return h.open(importer, Importing, whose, AllParts)
}

// lines returns a chain of the ledger, oldest first: a client's, or the
// practice's own for "".
func (h *house) lines(whose fhir.ClientID) []ledger.Read {
	h.t.Helper()
	var pid store.PID
	var row store.Client
	box := h.v.ring.Practice()
	if whose != "" {
		pid, _ = pidOf(whose)
		row, _ = h.v.people.row(whose)
		k, err := h.v.ring.Client(context.Background(), pid)
		do(h.t, err)
		box = k.Ledger
	}
	out, err := h.v.led.Lines(context.Background(), row, pid, box, 1<<62, 100_000)
	do(h.t, err)
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// grew returns what was added to a chain by f, in short.
func (h *house) grew(whose fhir.ClientID, f func()) []string {
	h.t.Helper()
	n := len(h.lines(whose))
	f()
	var out []string
	for _, l := range h.lines(whose)[n:] {
		s := l.Actor.Kind + " " + l.Act + " " + l.Purpose
		if l.Refused {
			s += " refused"
		}
		for _, w := range l.What {
			s += " " + w.Part
			if w.N > 0 {
				s += fmt.Sprint(w.N)
			}
		}
		out = append(out, s)
	}
	return out
}

// size is how many entries the ledger holds.
func (h *house) size() (n int64) {
	h.t.Helper()
	do(h.t, h.v.st.View(context.Background(), func(r store.Reader) (err error) {
		n, err = r.Size(context.Background())
		return err
	}))
	return n
}

func (h *house) verify() ledger.Report {
	h.t.Helper()
	rep, err := h.v.Verify(context.Background())
	do(h.t, err)
	return rep
}

// behind opens one of the folder's files as its owner could.
func (h *house) behind(file string) *sql.DB {
	h.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(h.dir, file)+"?_pragma=busy_timeout(5000)")
	do(h.t, err)
	h.t.Cleanup(func() { db.Close() }) //nolint:errcheck // only read, or done
	return db
}

func (h *house) edit(file, q string, args ...any) {
	h.t.Helper()
	db := h.behind(file)
	defer db.Close() //nolint:errcheck // done
	_, err := db.Exec(q, args...)
	do(h.t, err)
}

func query(t testing.TB, typ, params string) *search.Query {
	t.Helper()
	vals, err := url.ParseQuery(params)
	do(t, err)
	q, err := search.Parse(typ, vals)
	do(t, err)
	return q
}

// kindIs checks an error's kind.
func kindIs(t testing.TB, what string, err error, k errs.Kind) {
	t.Helper()
	if !errs.Is(err, k) {
		t.Errorf("%s: %v (%v), want %v", what, err, errs.KindOf(err), k)
	}
}

// oneLine holds an error to what a person at a terminal needs.
func oneLine(t testing.TB, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v; want an error that says %q", err, want)
		return
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("more than one line: %q", err)
	}
}

func ids(fs []Found) []string {
	out := []string{}
	for _, f := range fs {
		out = append(out, f.ID)
	}
	return out
}

// relive starts the ledger again over another store.
func (h *house) relive(st store.Store) {
	h.t.Helper()
	led, err := ledger.Open(context.Background(), st, h.v.ring, h.now, nil)
	do(h.t, err)
	h.v.st, h.v.led = st, led
}
