package record

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"rapport/errs"
	"rapport/fhir"
	"rapport/record/internal/seal"
	"rapport/record/internal/store"
)

// Card is the least that tells one person from another, and how to reach them.
type Card struct {
	Client   fhir.ClientID
	Person   string // the Patient's logical id
	Given    string
	Family   string
	Name     string // the whole name as the person writes it
	Birth    string // FHIR date: YYYY, YYYY-MM or YYYY-MM-DD; "" if not known
	Gender   string // FHIR administrative gender
	Phones   []string
	Mails    []string
	Language string // BCP 47, the preferred one; "" if not known
	Deceased bool
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
}

func loadPeople(ctx context.Context, v *Vault) (*people, error) {
	p := &people{box: seal.NewBox(v.ring.Own("directory")), rows: map[fhir.ClientID]store.Client{}, cards: map[fhir.ClientID]*Card{},
		persons: map[string]fhir.ClientID{}, index: newFinder()}
	err := v.st.View(ctx, func(r store.Reader) error {
		if err := r.Clients(ctx, func(n store.Client, pid store.PID) error { p.rows[clientID(pid)] = n; return nil }); err != nil {
			return err
		}
		return r.Objects(ctx, store.Cards, func(o store.Object) error {
			card, err := p.open(v, o)
			if err != nil {
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
	if known, ok := p.byPerson(c.Person); ok && known != c.Client {
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

// set makes a card known.
func (p *people) set(c Card, row store.Client) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if old := p.cards[c.Client]; old != nil {
		p.index.drop(old)
	}
	card := &c
	p.rows[c.Client], p.cards[c.Client], p.persons[c.Person] = row, card, c.Client
	p.index.add(card)
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

// readCard takes from a Patient what the directory keeps.
func readCard(c fhir.ClientID, patient []byte) (*Card, error) {
	x, err := fhir.ReadPatient(patient)
	if err != nil {
		return nil, err
	}
	card := &Card{Client: c, Person: x.ID, Birth: x.BirthDate, Gender: x.Gender, Deceased: x.Deceased, Language: x.Language()}
	if n := x.Name(); n != nil {
		card.Given, card.Family, card.Name = strings.Join(n.Given, " "), n.Family, n.Text
	}
	if card.Name == "" {
		card.Name = strings.TrimSpace(card.Given + " " + card.Family)
	}
	for _, t := range x.Telecoms {
		switch t.System {
		case "phone", "sms":
			card.Phones = append(card.Phones, t.Value)
		case "email":
			card.Mails = append(card.Mails, t.Value)
		}
	}
	return card, nil
}
