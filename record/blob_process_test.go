package record

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"rapport/clock"
	"rapport/fhir"
	"rapport/record/internal/blob"
	"rapport/record/internal/ledger"
	"rapport/record/internal/store"
)

// deadly is a store whose process is killed, with no time to clean up, before its nth
// write or commit, or right after one.
type deadly struct {
	store.Store
	at atomic.Int64
}

func (s *deadly) step() {
	if s.at.Add(-1) == 0 {
		syscall.Kill(os.Getpid(), syscall.SIGKILL) //nolint:errcheck // nobody is there to hear of it
		select {}
	}
}

type deadlyTx struct {
	store.Tx
	s *deadly
}

func (s *deadly) Begin(ctx context.Context) (store.Tx, error) {
	tx, err := s.Store.Begin(ctx)
	return deadlyTx{tx, s}, err
}

func (x deadlyTx) SetObject(ctx context.Context, s store.Space, o store.Object) error {
	x.s.step()
	return x.Tx.SetObject(ctx, s, o)
}

func (x deadlyTx) DropObject(ctx context.Context, s store.Space, key []byte) error {
	x.s.step()
	return x.Tx.DropObject(ctx, s, key)
}

func (x deadlyTx) Commit() error {
	x.s.step()
	err := x.Tx.Commit()
	x.s.step()
	return err
}

// Read gives a photo in pieces, and kills in between.
func (d *dying) Read(p []byte) (int, error) {
	d.s.step()
	return d.Reader.Read(p[:min(len(p), blob.Chunk+100)])
}

type dying struct {
	*bytes.Reader
	s *deadly
}

// childAttaches attaches, keeps, drops and sweeps, says what was acknowledged, and is
// killed at one step of it.
func childAttaches(ctx context.Context, cfg Config) error {
	now := clock.At(start)
	cfg.Clock = now
	v, err := Open(ctx, cfg)
	if err != nil {
		return err
	}
	s := &deadly{Store: v.st}
	if v.led, err = ledger.Open(ctx, s, v.ring, now, nil); err != nil {
		return err
	}
	v.st = s
	whose := fhir.ClientID(os.Getenv("CLIENT"))
	c, err := v.Open(ctx, importer, Importing, whose, AllParts)
	if err != nil {
		return err
	}
	round, err := strconv.ParseInt(os.Getenv("ROUND"), 10, 64)
	if err != nil {
		return err
	}
	s.at.Store(round) // the ledger's own checkpoint may be on its way
	ids := map[string]string{}
	step := func(what, of string, f func() error) {
		if err == nil {
			if err = f(); err == nil {
				fmt.Println(what, ids[of], of) // one write: it is said whole
			}
		}
	}
	add := func(of string) {
		step("attached", of, func() (err error) {
			ids[of], err = c.AttachFrom(ctx, &dying{bytes.NewReader(photo(of)), s})
			return err
		})
	}
	keep := func(of string) { step("kept", of, func() error { return v.keep(whose, ids[of]) }) }
	sweep := func() {
		now.Add(keptFor)
		step("swept", "", func() error { _, err := v.Sweep(ctx, sweeper); return err })
	}
	add("first")
	keep("first")
	add("second")
	add("third")
	keep("third")
	sweep()
	add("fourth")
	keep("fourth")
	step("dropped", "third", func() error { return v.drop(whose, ids["third"]) })
	sweep()
	return err
}

func TestAKillAtAnyStepLosesNoAttachmentAndLeavesNoneForEver(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	do(t, h.v.Close())
	left := 0
	for at := 1; ; at++ {
		x := &house{t: t, dir: copyTo(t, h.dir, filepath.Join(t.TempDir(), "data")), key: h.key, now: clock.At(start.Add(3 * keptFor)), ada: h.ada}
		cmd := x.process("attach", fmt.Sprint(at))
		cmd.Env = append(cmd.Env, "CLIENT="+string(h.ada))
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if killed := cmd.ProcessState.Sys().(syscall.WaitStatus).Signaled(); err != nil && !killed {
			t.Fatalf("step %d: %v, %s", at, err, stderr.String())
		}
		left += x.afterAKill(at, string(out))
		if err == nil {
			t.Logf("killed at each of %d steps; %d times a file was left that the next sweep removed", at-1, left)
			if at < 40 || left == 0 {
				t.Error("the child did next to nothing")
			}
			return
		}
	}
}

// afterAKill holds what is there to what was acknowledged, and returns how many files
// a sweep removed.
func (h *house) afterAKill(at int, said string) int {
	h.t.Helper()
	kept, dropped := map[string]string{}, map[string]bool{}
	for sc := bufio.NewScanner(strings.NewReader(said)); sc.Scan(); {
		switch f := strings.Fields(sc.Text()); f[0] {
		case "kept":
			kept[f[1]] = f[2]
		case "dropped":
			dropped[f[1]] = true
		}
	}
	v, err := Open(h.t.Context(), h.config())
	if err != nil {
		h.t.Fatalf("step %d: %v", at, err)
	}
	h.v = v
	defer v.Close() //nolint:errcheck // only read from here
	c := h.bring(h.ada)
	if _, err := v.Check(h.t.Context()); err != nil {
		h.t.Errorf("step %d: %v", at, err)
	}
	files, known := v.attachments(h.t)
	n, err := v.Sweep(h.t.Context(), sweeper)
	do(h.t, err)
	for id, of := range kept {
		name, _ := blob.ParseID(id)
		if _, there := known[name]; dropped[id] || of == "third" && !there {
			hides(h.t, fmt.Sprintf("step %d: dropped", at), c, id)
			continue
		}
		shows(h.t, c, id, of)
	}
	after, known := v.attachments(h.t)
	for _, x := range known {
		if !x.Kept || len(known) != len(after) {
			h.t.Errorf("step %d: of %d files %d stay, and %d are known", at, len(files), len(after), len(known))
		}
	}
	if again, err := v.Sweep(h.t.Context(), sweeper); again != 0 || err != nil || len(files)-n != len(after) {
		h.t.Errorf("step %d: a second sweep removes %d, %v", at, again, err)
	}
	if half, err := filepath.Glob(filepath.Join(h.dir, "blobs", "new", "*")); len(half) > 0 || err != nil {
		h.t.Errorf("step %d: left half-written: %q", at, half)
	}
	return n
}
