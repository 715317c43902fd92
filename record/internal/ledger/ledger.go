// Package ledger writes down every act before its first byte leaves: one entry,
// sealed, chained for its client, and committed to in a Merkle tree whose signed
// checkpoints outsiders can keep. It refuses to lose, reorder or change an entry
// quietly, and it refuses a second writer.
//
// Acts that arrive together share one commit. A write of clinical data rides in
// the same transaction as its entry: either both are there or neither.
package ledger

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"rapport/clock"
	"rapport/errs"
	"rapport/proof"
	"rapport/record/internal/keyring"
	"rapport/record/internal/seal"
	"rapport/record/internal/store"
)

// batch is the most acts that share one commit.
const batch = 512

// every is how often, at most, a checkpoint is signed without being asked for.
const every = time.Second

// Act is one thing somebody does.
type Act struct {
	Lines []*Line                               // what goes on the ledger
	Write func(context.Context, store.Tx) error // done in the same transaction, before the lines; may be nil
	After func()                                // called once the commit is durable; may be nil
	sign  bool                                  // sign a checkpoint once it is done
	ctx   context.Context                       //nolint:containedctx // travels with the act through the queue
	done  chan error
}

// Line is one entry to be written. Seq is filled in.
type Line struct {
	PID   store.PID    // the client's pseudonym; zero for an act about nobody
	Row   store.Client // the client's row; may be set by the act's Write
	Keys  seal.Box     // seals the entry
	Entry Entry
	Seq   int64
}

// Ledger is the one writer of a store.
type Ledger struct {
	st       store.Store
	ring     *keyring.Ring
	now      clock.Clock
	rand     io.Reader
	signer   note.Signer
	verifier string
	origin   string
	instance [16]byte

	// Ended, if it is set before the first Commit, is called after each transaction,
	// whatever became of it and before anybody hears.
	Ended func()

	queue chan *Act
	stop  chan struct{}
	ended chan struct{}

	// owned by the loop
	head
	tails      map[store.Client]tail // chain ends, durable
	signedAt   time.Time
	signedSize int64
	unsure     bool // a commit's outcome is unknown: the head must be read again
}

// head is the state a commit advances.
type head struct {
	size  int64
	front map[int64]tlog.Hash   // the tree hashes the next entries need, by stored index
	fresh map[store.Client]tail // chain ends of the commit under way
	last  int64                 // time of the newest entry, ms
}

type tail struct {
	pseq int64
	leaf tlog.Hash
}

// tailsMax bounds the chain ends kept in memory.
const tailsMax = 100_000

// Open starts the ledger over a store, after checking that the tree on disk is
// the tree of the newest checkpoint.
func Open(ctx context.Context, st store.Store, ring *keyring.Ring, now clock.Clock, rnd io.Reader) (*Ledger, error) {
	if rnd == nil {
		rnd = rand.Reader
	}
	inst := ring.Instance()
	l := &Ledger{st: st, ring: ring, now: now, rand: rnd, instance: inst, origin: Origin(inst),
		queue: make(chan *Act, batch), stop: make(chan struct{}), ended: make(chan struct{})}
	sk, err := ring.Blob(ctx, "signer", func() ([]byte, error) {
		s, v, err := note.GenerateKey(rnd, l.origin)
		return []byte(s + "\n" + v), err
	})
	if err != nil {
		return nil, fmt.Errorf("ledger: signing key: %w", err)
	}
	if err := l.keys(string(sk)); err != nil {
		return nil, err
	}
	if err := l.load(ctx); errors.Is(err, errBroken) {
		return nil, l.firstWrong(ctx, err)
	} else if err != nil {
		return nil, err
	}
	if l.size > l.signedSize { // a stop that was none left lines unsigned
		l.checkpoint(ctx) //nolint:errcheck // tried again at the next commit
	}
	go l.loop()
	return l, nil
}

// Origin is the name a checkpoint carries: the installation, not the practice.
func Origin(instance [16]byte) string { return "rapport.ledger/" + hex.EncodeToString(instance[:]) }

func (l *Ledger) keys(blob string) error {
	for i := range blob {
		if blob[i] == '\n' {
			s, err := note.NewSigner(blob[:i])
			l.signer, l.verifier = s, blob[i+1:]
			return err
		}
	}
	return errors.New("ledger: the signing key is damaged")
}

// load reads the head from disk and holds it against the newest checkpoint.
func (l *Ledger) load(ctx context.Context) error {
	return l.st.View(ctx, func(r store.Reader) error {
		size, err := r.Size(ctx)
		if err != nil {
			return err
		}
		h := head{size: size, front: map[int64]tlog.Hash{}}
		for _, i := range frontier(size) {
			if h.front[i], err = readHash(ctx, r, i); err != nil {
				if errs.Is(err, errs.Unavailable) {
					return fmt.Errorf("ledger: start: %w", err)
				}
				return fmt.Errorf("%w: %w", errBroken, err)
			}
		}
		if size > 0 {
			if h.last, err = l.lastTime(ctx, r, size-1); err != nil {
				return err
			}
		}
		signed, err := l.match(ctx, r, size)
		if err != nil {
			return err
		}
		l.head, l.tails, l.signedSize = h, map[store.Client]tail{}, signed
		return nil
	})
}

// errBroken is in the error of a ledger that is not what was signed.
var errBroken = errors.New("the ledger was changed on the disk")

// match holds a tree of size entries against the newest checkpoint, and returns
// how many of them are signed for.
func (l *Ledger) match(ctx context.Context, r store.Reader, size int64) (int64, error) {
	n, raw, err := r.Checkpoint(ctx)
	if errors.Is(err, store.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	cp, err := proof.Open(string(raw), l.verifier)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errBroken, err)
	}
	if cp.Size != n || n > size {
		return 0, fmt.Errorf("%w: it holds %d entries and %d were signed for", errBroken, size, cp.Size)
	}
	root, err := tlog.TreeHash(n, hashes(ctx, r))
	if err != nil || root != cp.Root {
		return 0, fmt.Errorf("%w: its first %d entries are not those that were signed", errBroken, n)
	}
	return n, nil
}

// firstWrong names the first wrong entry of a ledger that cannot be started.
func (l *Ledger) firstWrong(ctx context.Context, err error) error {
	if _, verr := l.Verify(ctx); verr != nil {
		err = fmt.Errorf("%w: %w", errBroken, verr)
	}
	return errs.E(errs.Internal, "%w: keep a copy of the folder as it is, and restore a backup", err)
}

func (l *Ledger) lastTime(ctx context.Context, r store.Reader, seq int64) (int64, error) {
	e, err := r.Entry(ctx, seq)
	if err != nil {
		return 0, err
	}
	_, _, ent, err := l.open(ctx, r, e)
	if err != nil {
		return 0, nil //nolint:nilerr // a shredded client's line tells no time; the clock does
	}
	t, err := time.Parse(time.RFC3339Nano, ent.Time)
	return t.UnixMilli(), err
}

// Commit puts an act on the ledger and returns when it is durable. On an error
// nothing of it was kept, unless the error says the outcome is unknown.
func (l *Ledger) Commit(ctx context.Context, a *Act) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	a.ctx, a.done = context.WithoutCancel(ctx), make(chan error, 1)
	select {
	case l.queue <- a:
	case <-l.stop:
		return errs.E(errs.Unavailable, "ledger: stopped")
	}
	select {
	case err := <-a.done:
		return err
	case <-l.ended:
		select {
		case err := <-a.done:
			return err
		default:
			return errs.E(errs.Unavailable, "ledger: stopped")
		}
	}
}

// Waiting returns how many acts wait for the commit under way.
func (l *Ledger) Waiting() int { return len(l.queue) }

func (l *Ledger) loop() {
	defer close(l.ended)
	for {
		select {
		case a := <-l.queue:
			l.group(l.gather(a))
		case <-l.stop:
			for { // what was handed in is finished
				select {
				case a := <-l.queue:
					l.group(l.gather(a))
					continue
				default:
				}
				l.checkpoint(context.Background()) //nolint:errcheck // the next start signs
				return
			}
		}
	}
}

func (l *Ledger) gather(a *Act) []*Act {
	acts := append(make([]*Act, 0, 8), a)
	for len(acts) < batch {
		select {
		case b := <-l.queue:
			acts = append(acts, b)
		default:
			return acts
		}
	}
	return acts
}

// group commits acts together; if one of them fails, each gets a commit of its
// own, so that nobody suffers for a neighbour.
func (l *Ledger) group(acts []*Act) {
	err := l.try(acts)
	if err != nil && len(acts) > 1 {
		for _, a := range acts {
			l.answer(a, l.try([]*Act{a}))
		}
	} else {
		for _, a := range acts {
			l.answer(a, err)
		}
	}
	if l.size > l.signedSize && l.now.Now().Sub(l.signedAt) >= every {
		l.checkpoint(context.Background()) //nolint:errcheck // tried again at the next commit
	}
}

// asked signs at once for an act that wants a checkpoint.
func (l *Ledger) asked(a *Act, err error) error {
	if err == nil && a.sign {
		return l.checkpoint(context.Background())
	}
	return err
}

func (l *Ledger) answer(a *Act, err error) {
	if err == nil && a.After != nil {
		a.After()
	}
	a.done <- l.asked(a, err)
}

func (l *Ledger) try(acts []*Act) error {
	ctx := context.Background()
	if !slices.ContainsFunc(acts, func(a *Act) bool { return a.Write != nil || len(a.Lines) > 0 }) {
		return nil
	}
	if l.unsure {
		if err := l.load(ctx); err != nil {
			return fmt.Errorf("ledger: read again: %w", err)
		}
		l.unsure = false
	}
	tx, err := l.st.Begin(ctx)
	if err != nil {
		return err
	}
	if l.Ended != nil {
		defer l.Ended()
	}
	next := l.head.fork()
	for _, a := range acts {
		if err = l.one(tx, a, &next); err != nil {
			break
		}
	}
	if err != nil {
		tx.Rollback() //nolint:errcheck // nothing was kept either way
		return err
	}
	if err := tx.Commit(); err != nil {
		l.unsure = true // the outcome is unknown: believe the disk
		return fmt.Errorf("ledger: commit: %w", err)
	}
	l.keep(next)
	return nil
}

// keep makes a committed head the head.
func (l *Ledger) keep(next head) {
	if len(l.tails)+len(next.fresh) > tailsMax {
		clear(l.tails)
	}
	for c, t := range next.fresh {
		l.tails[c] = t
	}
	next.fresh = nil
	l.head = next
}

func (h *head) fork() head {
	n := head{size: h.size, last: h.last, front: make(map[int64]tlog.Hash, len(h.front)+8), fresh: map[store.Client]tail{}}
	for k, v := range h.front {
		n.front[k] = v
	}
	return n
}

func (l *Ledger) one(tx store.Tx, a *Act, h *head) error {
	if a.Write != nil {
		if err := a.Write(a.ctx, tx); err != nil {
			return err
		}
	}
	for _, line := range a.Lines {
		if err := l.append(a.ctx, tx, line, h); err != nil {
			return err
		}
	}
	return nil
}
