package record

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/alike"
	"rapport/record/internal/seal"
	"rapport/record/internal/store"
)

// Card is the least that tells one person from another, and how to reach them.
type Card struct {
	Client   fhir.ClientID
	Person   string // the Patient's logical id
	Given    string
	Family   string
	Name     string   // the whole name as the person writes it
	Others   []string // every name on file, to be found under
	Birth    string   // FHIR date: YYYY, YYYY-MM or YYYY-MM-DD; "" if not known
	Gender   string   // FHIR administrative gender
	Phones   []string
	Mails    []string
	Street   string // the lines of where they live, house number included
	City     string
	Postcode string
	Numbers  []string // identifiers in use, "system|value"
	Language string   // BCP 47, the preferred one; "" if not known
	Zone     string   // IANA time zone they live in by law; "" for the practice's
	Deceased bool
	// Into is whose chart goes on for this person, of a chart that was merged. Such a
	// card is in nobody's hands but Undo's.
	Into fhir.ClientID `json:",omitempty"`
}

// people is the directory in memory: who is known, and how to find them. On disk
// each card is sealed; here nothing is, so it never leaves this package whole.
type people struct {
	mu      sync.RWMutex
	box     seal.Box
	rows    map[fhir.ClientID]store.Client
	cards   map[fhir.ClientID]*Card
	persons map[string]fhir.ClientID
	index   *finder
	alike   alike.Index // by row
	byRow   map[store.Client]fhir.ClientID
	away    map[fhir.ClientID]away // charts that were merged into another
	gone    map[fhir.ClientID]bool // who was erased

	// who took whose person in the transaction under way: two new charts for one
	// person may share a commit, and neither is known yet
	claimed store.Tx
	claims  map[string]fhir.ClientID
	leaving map[fhir.ClientID]bool // charts merged in that transaction
}

// away is a chart that was merged: the row stays, and so does what is in it.
type away struct {
	row  store.Client
	card *Card
}

func loadPeople(ctx context.Context, v *Vault) (*people, error) {
	p := &people{box: seal.NewBox(v.ring.Own("directory")), rows: map[fhir.ClientID]store.Client{}, cards: map[fhir.ClientID]*Card{},
		persons: map[string]fhir.ClientID{}, index: newFinder(), byRow: map[store.Client]fhir.ClientID{}, away: map[fhir.ClientID]away{}}
	pids, err := v.ring.Gone(ctx)
	if err != nil {
		return nil, wrap("directory", err)
	}
	gone := map[fhir.ClientID]bool{} // whatever data was brought back, they are not
	p.gone = gone
	for pid := range pids {
		gone[clientID(store.PID(pid))] = true
	}
	err = v.st.View(ctx, func(r store.Reader) error {
		if err := r.Clients(ctx, func(n store.Client, pid store.PID) error {
			if c := clientID(pid); !gone[c] {
				p.rows[c] = n
			}
			return nil
		}); err != nil {
			return err
		}
		return r.Objects(ctx, store.Cards, func(o store.Object) error {
			card, err := p.open(v, o)
			if err != nil || gone[card.Client] {
				return err
			}
			p.set(card, p.rows[card.Client])
			return nil
		})
	})
	return p, wrap("directory", err)
}

func (v *Vault) cardPlace(pid []byte) []byte {
	return append(append([]byte("rapport/card "), v.inst[:]...), pid...)
}

func (p *people) open(v *Vault, o store.Object) (Card, error) {
	padded, err := p.box.Open(nil, o.Body, v.cardPlace(o.Key))
	if err != nil {
		return Card{}, err
	}
	raw, err := seal.Unpad(padded)
	if err != nil {
		return Card{}, err
	}
	var c Card
	if err := json.Unmarshal(raw, &c); err != nil {
		return Card{}, fmt.Errorf("a card does not parse: %w", err)
	}
	return c, nil
}

// write seals a card into the transaction that changed the person.
func (p *people) write(ctx context.Context, tx store.Tx, v *Vault, c Card) error {
	if !p.claim(tx, c.Person, c.Client) {
		return errs.E(errs.Conflict, "record: that person has another chart")
	}
	pid, ok := pidOf(c.Client)
	if !ok {
		return errs.E(errs.Internal, "record: a card without a client")
	}
	raw, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return tx.SetObject(ctx, store.Cards, store.Object{Key: pid[:], Body: p.box.Seal(nil, seal.Pad(nil, raw), v.cardPlace(pid[:]))})
}

// claim reports whether a person is this client's in a transaction, and keeps
// others in the same transaction from having them too. What was claimed in one
// that came to nothing is forgotten with it.
func (p *people) claim(tx store.Tx, person string, c fhir.ClientID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.begin(tx)
	if p.gone[c] { // whoever has the chart open still
		return false
	}
	for _, taken := range []map[string]fhir.ClientID{p.persons, p.claims} {
		if known, ok := taken[person]; ok && known != c {
			return false
		}
	}
	p.claims[person] = c
	return true
}

// begin forgets what was said in another transaction.
func (p *people) begin(tx store.Tx) {
	if p.claimed != tx {
		p.claimed, p.claims, p.leaving = tx, map[string]fhir.ClientID{}, map[fhir.ClientID]bool{}
	}
}

// leave says that a transaction merges a chart, or brings it back. What follows in
// it may not touch the chart: nobody has been told yet.
func (p *people) leave(tx store.Tx, c fhir.ClientID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.begin(tx)
	p.leaving[c] = true
}

// left reports that a chart was merged, or brought back, in this very transaction.
func (p *people) left(tx store.Tx, c fhir.ClientID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.claimed == tx && p.leaving[c]
}

// set makes a card known. That of a merged chart is put away: nobody finds it, and
// its chart is not there.
func (p *people) set(c Card, row store.Client) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if old := p.cards[c.Client]; old != nil {
		p.index.drop(old)
		p.alike.Drop(int(row))
	}
	card := &c
	p.persons[c.Person] = c.Client
	if c.Into != "" {
		delete(p.rows, c.Client)
		delete(p.cards, c.Client)
		delete(p.byRow, row)
		p.away[c.Client] = away{row, card}
		return
	}
	delete(p.away, c.Client)
	p.rows[c.Client], p.cards[c.Client], p.byRow[row] = row, card, c.Client
	p.index.add(card)
	p.alike.Add(int(row), card.compared())
}

// merged returns a chart that was merged into another.
func (p *people) merged(c fhir.ClientID) (away, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	a, ok := p.away[c]
	return a, ok
}

func (p *people) row(c fhir.ClientID) (store.Client, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	r, ok := p.rows[c]
	return r, ok && r != 0
}

func (p *people) card(c fhir.ClientID) (Card, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	card := p.cards[c]
	if card == nil {
		return Card{}, false
	}
	return *card, true
}

func (p *people) byPerson(id string) (fhir.ClientID, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	c, ok := p.persons[id]
	return c, ok
}

func (p *people) personOf(c fhir.ClientID) string {
	card, _ := p.card(c)
	return card.Person
}

// zoneURL is FHIR's extension for the time zone of an address.
const zoneURL = "http://hl7.org/fhir/StructureDefinition/timezone"

// readCard takes from a Patient what the directory keeps.
func readCard(c fhir.ClientID, doc *fhir.Doc) *Card {
	root := doc.Root()
	card := &Card{Client: c, Person: doc.ID(), Birth: root.Get("birthDate").Str(), Gender: root.Get("gender").Str()}
	card.named(root)
	d := root.Get("deceased")
	card.Deceased = d.OK() && string(d.Raw()) != "false"
	for t := range root.Each("telecom") {
		switch v := t.Get("value").Str(); {
		case v == "" || t.Get("use").Str() == "old":
		case t.Get("system").Str() == "email":
			card.Mails = append(card.Mails, v)
		case t.Get("system").Str() == "phone" || t.Get("system").Str() == "sms":
			card.Phones = append(card.Phones, v)
		}
	}
	card.housed(root)
	card.numbered(root)
	for a := range root.Each("address") {
		for x := range a.Each("extension") {
			if x.Get("url").Str() == zoneURL && a.Get("use").Str() != "old" {
				card.Zone = x.Get("valueCode").Str()
			}
		}
	}
	for l := range root.Each("communication") {
		if code := l.Get("language", "coding", "code").Str(); card.Language == "" || l.Get("preferred").Bool() {
			card.Language = code
		}
	}
	return card
}

// named picks the name somebody goes by, and keeps the others to be found under.
func (c *Card) named(root fhir.Node) {
	best := -1
	for n := range root.Each("name") {
		use := n.Get("use").Str()
		rank := map[string]int{"usual": 4, "official": 3, "": 2, "nickname": 1}[use]
		var given []string
		for g := range n.Each("given") {
			given = append(given, g.Str())
		}
		family, whole := n.Get("family").Str(), n.Get("text").Str()
		if whole == "" {
			whole = strings.TrimSpace(strings.Join(given, " ") + " " + family)
		}
		c.Others = append(c.Others, whole)
		if use != "old" && use != "maiden" && rank > best {
			best, c.Given, c.Family, c.Name = rank, strings.Join(given, " "), family, whole
		}
	}
}
