package keyring

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"rapport/record/internal/seal"
)

// Slots is how many compartments a client may have. There is a key for each from the
// start, kept together as one, so that the keyring does not tell who has something in
// which.
const Slots = 12

// slots are the keys of a client's compartments; one that is zero was destroyed.
type slots [Slots * len(seal.Key{})]byte

func newSlots(rand io.Reader) (slots, error) {
	var s slots
	_, err := io.ReadFull(rand, s[:])
	if err != nil {
		err = fmt.Errorf("seal: draw key: %w", err)
	}
	return s, err
}

// Compartment is what is sealed in one compartment of a client's chart, or in several
// at once.
type Compartment struct {
	Body  seal.Box
	Facet seal.Box
	Blob  seal.Box
}

// closed is the keys of compartments, and those that were put to use.
type closed struct {
	keys slots
	lost uint16
	mu   sync.Mutex
	used map[uint16]Compartment
}

// Closed returns what opens what lies in all the compartments of a set at once: bit n is
// compartment n. It takes every key of the set; false if one was destroyed, or if there
// is no such compartment.
func (c *Client) Closed(set uint16) (Compartment, bool) {
	if set == 0 || set>>Slots != 0 {
		return Compartment{}, false
	}
	x := c.closed
	x.mu.Lock()
	defer x.mu.Unlock()
	if k, ok := x.used[set]; ok {
		return k, true
	}
	h := sha256.New()
	h.Write(binary.BigEndian.AppendUint16([]byte("rapport/compartments "), set))
	for n := range Slots {
		if set>>n&1 == 0 {
			continue
		}
		k := seal.Key(x.keys[n*len(seal.Key{}):])
		if k == (seal.Key{}) {
			return Compartment{}, false
		}
		h.Write(k[:])
	}
	all := seal.Key(h.Sum(nil))
	k := Compartment{seal.NewBox(all.Derive("body")), seal.NewBox(all.Derive("facet")), seal.NewBox(all.Derive("blob"))}
	if x.used == nil {
		x.used = map[uint16]Compartment{}
	}
	x.used[set] = k
	return k, true
}

// Lost reports that what lies in some compartments may have lain there before their key was
// destroyed, and then opens no more.
func (c *Client) Lost(set uint16) bool { return set&c.closed.lost != 0 }

// loadClosed opens the keys of a client's compartments. A keyring from before there were
// any is given them.
func (r *Ring) loadClosed(ctx context.Context, pid PID) (slots, error) {
	var s slots
	err := r.loadInto(ctx, s[:], pid, useClosed)
	if !errors.Is(err, ErrNoKey) {
		return s, err
	}
	if s, err = newSlots(r.rand); err != nil {
		return s, err
	}
	err = r.within(ctx, func(tx *sql.Tx, e *epochs) error {
		w := e.box[e.now].Seal(nil, s[:], r.place(pid, useClosed, e.now))
		_, err := tx.ExecContext(ctx, `INSERT INTO key VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`, pid[:], useClosed, e.now, w)
		return err
	})
	if err != nil {
		return s, told(fmt.Errorf("keyring: add: %w", err))
	}
	return s, r.loadInto(ctx, s[:], pid, useClosed) // whoever was first
}

// forget makes keys open nothing any more, for who still holds them.
func (x *closed) forget() {
	x.mu.Lock()
	defer x.mu.Unlock()
	clear(x.keys[:])
	clear(x.used)
}
