package record

import (
	"context"
	"encoding/json"
	"time"

	"rapport/errs"
	"rapport/fhir/thread"
	"rapport/record/internal/seal"
	"rapport/record/internal/store"
)

// What is said in a sealed thread lies under a key of the thread's own, beside the chart.
// When nobody has said anything for a while the key goes, and with it every word: that
// there was a thread, and when, stays. What is attached goes as long after it was said.

// sealedHolds is for how long the words of a sealed thread are kept after the last.
const sealedHolds = 90 * 24 * time.Hour

// threadKey is the key of a sealed thread.
type threadKey struct {
	Key  []byte
	Ends time.Time
}

// sealedWords is what a sealed thread says.
type sealedWords struct {
	Text   string        `json:",omitempty"`
	Pieces []sealedPiece `json:",omitempty"`
	Cards  []thread.Card `json:",omitempty"`
}

// sealedPiece is what a piece says.
type sealedPiece struct {
	Name, Caption string
	Cover         []byte
}

// keyOf returns the key of a sealed thread; errs.NotFound when there is none, or none any
// more.
func (v *Vault) keyOf(ctx context.Context, r store.Reader, id string) (seal.Key, error) {
	var k threadKey
	if err := v.get(ctx, r, store.Seals, v.Key("seal", id), &k); err != nil {
		return seal.Key{}, err
	}
	if len(k.Key) != len(seal.Key{}) || !v.now.Now().Before(k.Ends) {
		return seal.Key{}, errs.E(errs.NotFound, "record: what was said there is no more")
	}
	return seal.Key(k.Key), nil
}

// keepKey keeps the key of a sealed thread for as long as its words are.
func (v *Vault) keepKey(ctx context.Context, tx store.Tx, id string, k seal.Key, said time.Time) error {
	ends := said.Add(sealedHolds)
	return v.put(ctx, tx, store.Seals, v.Key("seal", id), ends, &threadKey{k[:], ends})
}

// sealWords puts the words of a sealed thread under its key, which is drawn with the
// first of them.
func (s *saying) sealWords(ctx context.Context, r store.Reader) error {
	if len(s.head.Named) == 0 {
		return nil
	}
	k, err := s.c.v.keyOf(ctx, r, s.w.Thread)
	if errs.Is(err, errs.NotFound) {
		k, err = seal.NewKey(s.c.v.rand)
	}
	if err != nil {
		return err
	}
	s.key = k
	if s.begins && s.head.Title != "" {
		s.head.Words, s.head.Title = seal.NewBox(k).Seal(nil, []byte(s.head.Title), []byte(s.head.ID)), ""
	}
	w := sealedWords{Text: s.said.Text, Cards: s.said.Cards}
	pieces := make([]thread.Piece, 0, len(s.said.Pieces))
	for _, p := range s.said.Pieces {
		w.Pieces = append(w.Pieces, sealedPiece{p.Name, p.Caption, p.Cover})
		p.Name, p.Caption, p.Cover = "", "", nil
		pieces = append(pieces, p)
	}
	b, err := json.Marshal(w)
	if err != nil {
		return err
	}
	s.said.Words = seal.NewBox(k).Seal(nil, b, []byte(s.said.ID))
	s.said.Text, s.said.Pieces, s.said.Cards = "", pieces, nil
	return nil
}

// openThread puts the words of a sealed thread back; it reports whether they are there.
func (v *Vault) openThread(ctx context.Context, r store.Reader, t *thread.Thread) (box seal.Box, ok bool, err error) {
	if len(t.Named) == 0 {
		return seal.Box{}, true, nil
	}
	k, err := v.keyOf(ctx, r, t.ID)
	if errs.Is(err, errs.NotFound) {
		return seal.Box{}, false, nil
	}
	if err != nil {
		return seal.Box{}, false, err
	}
	box = seal.NewBox(k)
	if len(t.Words) > 0 {
		b, err := box.Open(nil, t.Words, []byte(t.ID))
		if err != nil {
			return box, false, nil //nolint:nilerr // of another key, which is no more
		}
		t.Title, t.Words = string(b), nil
	}
	return box, true, nil
}

// openSaid puts what was said in a sealed thread back, if its key is there.
func openSaid(box seal.Box, s *thread.Said) {
	if len(s.Words) == 0 {
		return
	}
	b, err := box.Open(nil, s.Words, []byte(s.ID))
	var w sealedWords
	if err != nil || json.Unmarshal(b, &w) != nil {
		return // of another key, which is no more
	}
	s.Text, s.Cards, s.Words = w.Text, w.Cards, nil
	for i := range min(len(w.Pieces), len(s.Pieces)) {
		p := &s.Pieces[i]
		p.Name, p.Caption, p.Cover = w.Pieces[i].Name, w.Pieces[i].Caption, w.Pieces[i].Cover
	}
}

// dropSeals takes away the keys of sealed threads in which nothing was said for long.
func (v *Vault) dropSeals(ctx context.Context, tx store.Tx) error {
	return tx.DropExpired(ctx, store.Seals, v.now.Now().UnixMilli())
}
