package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"io"
	mrand "math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/cryptotest"

	"rapport/account"
	"rapport/fhir"
	"rapport/fhir/label"
	"rapport/fhir/thread"
	"rapport/record"
	"rapport/web"
	"rapport/web/webtest"
)

// same is where two worlds draw the same from: they are thrown anew before each request,
// so that what is random by nature (an id, a session, a ticket) is the same in both, and
// nothing needs to be left out when their answers are compared.
type same struct {
	t    *testing.T
	mu   sync.Mutex
	seed uint64
	n    uint64
}

// throw begins a stream anew, and with it what the library draws from by itself.
func (d *same) throw(seed uint64) {
	cryptotest.SetGlobalRandom(d.t, seed)
	rand.Reader = d
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seed, d.n = seed, 0
}

// Read implements io.Reader.
func (d *same) Read(b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for done := 0; done < len(b); {
		var x [16]byte
		binary.BigEndian.PutUint64(x[:8], d.seed)
		binary.BigEndian.PutUint64(x[8:], d.n)
		d.n++
		sum := sha256.Sum256(x[:])
		done += copy(b[done:], sum[:])
	}
	return len(b), nil
}

// loaded has the whole program draw from dice until the test ends, which therefore runs
// beside no other.
func loaded(t *testing.T) *same {
	t.Helper()
	d := &same{t: t}
	d.throw(1)
	return d
}

var _ io.Reader = (*same)(nil)

// scene is where every world begins: a House with some more people, of whom each knows
// less than all.
type scene struct {
	h        *webtest.House
	dice     *same
	carol    fhir.ClientID
	visitors map[string]*webtest.Visitor
	routes   []web.Route
	seen     reached
}

// shutToPhysician is what Ada keeps from Dr Ortiz, who treats her.
const shutToPhysician = label.Mental | label.Own

// setScene makes the House: "agency" is a nurse who treats nobody, "locum" is a clinician
// whom Ada barred, "max" helps Ada with all she can lend, "gus" helps Bob, "officer"
// watches over privacy.
func setScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{dice: loaded(t), seen: reached{map[int]int{}, map[string]bool{}}, visitors: map[string]*webtest.Visitor{}, routes: routes()}
	h := webtest.New(t, s.routes...)
	s.h = h
	p := h.Practice()
	for _, m := range []record.StaffMember{
		{ID: "agency", Name: "Tom Reed", Title: "Nurse", Roles: "nurse"},
		{ID: "locum", Name: "Dr Ivo Bell", Title: "GP", Roles: "clinician"},
		{ID: "officer", Name: "Una Holm", Title: "Privacy officer", Roles: account.PrivacyOfficer.String()},
	} {
		if err := p.SetStaff(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	s.carol = h.Admit("carol-person", `{"resourceType":"Patient","id":"carol-person","name":[{"family":"Lind","given":["Carol"]}],"birthDate":"1975-05-05"}`)
	mind := s.opened(t, h, h.As("ada"), record.Minding, h.Ada, record.AllParts)
	for _, l := range []record.Limit{{Who: []string{"locum"}}, {Who: []string{"physician"}, In: shutToPhysician}} {
		if _, err := mind.Limit(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	s.talk(t, h, h.Ada, "visit", "Can I come later?", "first")
	s.talk(t, h, h.Ada, "care", "My knee is better.", "second")
	s.talk(t, h, h.Bob, "care", "Is this right?", "third")
	s.visitors["max"] = h.Helper("Max Berg", h.Ada, record.AllParts, record.AllParts)
	s.visitors["gus"] = h.Helper("Gus Rey", h.Bob, record.AllParts, record.AllParts)
	for _, who := range []string{"nobody", "bob", "nurse", "physician", "agency", "locum", "frontdesk", "manager", "officer"} {
		s.visitors[who] = h.As(who)
	}
	return s
}

// opened is a chart as somebody opens it.
func (s *scene) opened(t testing.TB, h *webtest.House, as *webtest.Visitor, why record.Purpose, of fhir.ClientID, what record.Parts) *record.Chart {
	t.Helper()
	c, err := h.Vault.Open(t.Context(), as.Actor(), why, of, what)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// talk begins a thread as the client does; only who is named may read it, if anybody is.
func (s *scene) talk(t testing.TB, h *webtest.House, of fhir.ClientID, topic, text, key string, named ...thread.Party) {
	t.Helper()
	c := s.opened(t, h, h.AsClient(string(of)), record.Messaging, of, record.Person|record.Messages)
	if _, err := c.Say(t.Context(), record.Message{Key: key, Topic: topic, Text: text, Named: named}); err != nil {
		t.Fatal(err)
	}
}

// world is one of two.
type world struct {
	h *webtest.House
	v *webtest.Visitor
}

// fork begins two worlds as one actor meets them. What is bent comes into the second.
func (s *scene) fork(t testing.TB, who string) [2]world {
	t.Helper()
	var out [2]world
	for i := range out {
		s.dice.throw(7)
		h := s.h.Fork(t, s.dice, s.routes...)
		cfg := h.Config
		cfg.Home, cfg.Nav = home, nav
		var err error
		if h.Web, err = web.New(cfg, s.routes...); err != nil {
			t.Fatal(err)
		}
		out[i] = world{h, s.visitors[who].In(h)}
	}
	return out
}

// pick is one of some.
func pick[T any](r *mrand.Rand, of []T) T { return of[r.IntN(len(of))] }

// observer is somebody from whom something is hidden.
type observer struct {
	who string
	of  string // "ada": about her chart, of which they may see the rest; "all": they may see nothing of it; "sealed": all but threads that are sealed for another
	in  label.Set
}

// observers are all who are tried.
var observers = []observer{
	{"max", "ada", label.All},
	{"agency", "ada", label.All},
	{"frontdesk", "ada", label.All},
	{"physician", "ada", shutToPhysician},
	{"nurse", "sealed", 0},
	{"manager", "all", label.All},
	{"officer", "all", label.All},
	{"locum", "all", label.All},
	{"bob", "all", label.All},
	{"gus", "all", label.All},
	{"nobody", "all", label.All},
}

// ownLedger are those who read numbers of the ledger, which counts for everybody: what
// happens in one of their worlds to Ada happens in the other to Carol, of whom they know
// as little.
var ownLedger = []string{"bob", "gus"}

func (o observer) mirrored() bool { return slices.Contains(ownLedger, o.who) }
