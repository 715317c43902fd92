package record

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"rapport/clock"
	"rapport/fhir"
	"rapport/record/internal/store"
)

// childVar makes this test binary be a practice's process instead of a test.
const childVar = "RAPPORT_TEST_PROCESS"

func TestMain(m *testing.M) {
	if what := os.Getenv(childVar); what != "" {
		if err := child(what); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func child(what string) error {
	ctx := context.Background()
	cfg := Config{Dir: os.Getenv("DIR"), KeyFile: os.Getenv("KEY"), Clock: clock.Wall{}}
	switch what {
	case "create":
		v, err := Create(ctx, cfg)
		if err != nil {
			return err
		}
		return v.Close()
	case "open":
		v, err := Open(ctx, cfg)
		if err != nil {
			return err
		}
		return v.Close()
	case "backup", "keyring", "restore", "erase", "rotate", "drill":
		return childKeeps(ctx, cfg, what)
	case "attach":
		return childAttaches(ctx, cfg)
	case "post":
		return childPosts(ctx, cfg)
	case "play":
		return childPlays(ctx, cfg)
	case "work":
		v, err := Open(ctx, cfg)
		if err != nil {
			return err
		}
		return work(ctx, v, os.Getenv("ROUND"))
	}
	return errors.New("no such process")
}

// work writes, opens and admits without end, and prints every act once it was
// acknowledged.
func work(ctx context.Context, v *Vault, round string) error {
	var mu sync.Mutex
	out := bufio.NewWriter(os.Stdout)
	say := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(out, format+"\n", args...)
		out.Flush() //nolint:errcheck // the parent has gone, and we are about to
	}
	var everyone []fhir.ClientID
	v.people.mu.RLock()
	for c := range v.people.rows {
		everyone = append(everyone, c)
	}
	v.people.mu.RUnlock()
	errc := make(chan error)
	for g := range 6 {
		go func() { errc <- workOne(ctx, v, everyone, fmt.Sprintf("%s-%d", round, g), g, say) }()
	}
	return <-errc
}

func workOne(ctx context.Context, v *Vault, everyone []fhir.ClientID, name string, g int, say func(string, ...any)) error {
	for i := 0; ; i++ {
		whose := everyone[(g+i)%len(everyone)]
		card, _ := v.people.card(whose)
		c, err := v.Open(ctx, importer, Importing, whose, AllParts)
		if err != nil {
			return err
		}
		ls, err := c.v.led.Lines(ctx, c.row, c.pid, c.keys.Ledger, 1<<62, 1)
		if err != nil || len(ls) == 0 {
			return fmt.Errorf("no line: %w", err)
		}
		say("line %s %d", whose, ls[0].PSeq)
		switch i % 5 {
		case 0: // a new person with a result
			id := fmt.Sprintf("n-%s-%d", name, i)
			n, err := v.Admit(ctx, importer, Importing)
			if err != nil {
				return err
			}
			if _, err := n.Put(ctx, patient(id, "New", "Comer", "1990-01-01"), pulse("first", id, i)); err != nil {
				return err
			}
			say("put %s Patient %s 1 %s", n.Client(), id, "Comer")
			say("put %s Observation first 1 %s", n.Client(), fmt.Sprintf(`{"value":%d}`, i))
		case 1: // the same resource, by all
			if _, err := c.Put(ctx, pulse("shared", card.Person, g*100_000+i)); err != nil {
				return err
			}
			say("one %s Observation shared %s", whose, fmt.Sprintf(`{"value":%d}`, g*100_000+i))
		default:
			id := fmt.Sprintf("o-%s-%d", name, i)
			if _, err := c.Put(ctx, pulse(id, card.Person, i), condition("c"+id, card.Person, "1")); err != nil {
				return err
			}
			say("put %s Observation %s 1 %s", whose, id, fmt.Sprintf(`{"value":%d}`, i))
			say("put %s Condition c%s 1 38341003", whose, id)
		}
	}
}

// process starts this binary as a practice's process.
func (h *house) process(what, round string) *exec.Cmd {
	h.t.Helper()
	exe, err := os.Executable()
	do(h.t, err)
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childVar+"="+what, "DIR="+h.dir, "KEY="+h.key, "ROUND="+round)
	return cmd
}

// acts is what a killed process had acknowledged.
type acts struct {
	puts [][4]string // client, type, id, a piece of the content
	ones [][4]string
	last map[string]int64 // the newest line of each client's chain
}

func (a *acts) read(t *testing.T, out io.Reader) {
	t.Helper()
	sc := bufio.NewScanner(out)
	for sc.Scan() {
		f := strings.Fields(sc.Text())
		switch {
		case len(f) == 3 && f[0] == "line":
			var n int64
			if _, err := fmt.Sscan(f[2], &n); err == nil { // the last word of a killed process may be half
				a.last[f[1]] = max(a.last[f[1]], n)
			}
		case len(f) == 6 && f[0] == "put":
			a.puts = append(a.puts, [4]string{f[1], f[2], f[3], f[5]})
		case len(f) == 5 && f[0] == "one":
			a.ones = append(a.ones, [4]string{f[1], f[2], f[3], f[4]})
		}
	}
}

func TestNothingAcknowledgedIsLostWhenTheProcessIsKilled(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	do(t, h.v.Close())
	kills := 12
	if testing.Short() {
		kills = 4
	}
	rnd := rand.New(rand.NewPCG(7, 11))
	total := &acts{last: map[string]int64{}}
	for round := range kills {
		cmd := h.process("work", fmt.Sprint(round))
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.StdoutPipe()
		do(t, err)
		do(t, cmd.Start())
		// the moment is a number of acknowledged acts and some microseconds more
		r := bufio.NewReader(out)
		var said bytes.Buffer
		for range rnd.IntN(400) {
			l, err := r.ReadString('\n')
			said.WriteString(l)
			if err != nil {
				t.Fatalf("round %d: the process ended by itself: %s", round, stderr.String())
			}
		}
		for range rnd.IntN(200_000) {
			_ = said.Len()
		}
		do(t, cmd.Process.Kill())
		rest, _ := io.ReadAll(r) //nolint:errcheck // what it had said before it died
		said.Write(rest)
		cmd.Wait() //nolint:errcheck // it was killed
		if i := bytes.LastIndexByte(said.Bytes(), '\n'); i >= 0 {
			said.Truncate(i + 1)
		}
		total.read(t, &said)
		total.check(t, h, round)
	}
	t.Logf("%d kills survived; %d acknowledged writes and the chains of %d clients, 0 lost", kills, len(total.puts)+len(total.ones), len(total.last))
	if len(total.puts) < kills || len(total.last) == 0 {
		t.Error("the processes did next to nothing")
	}
}

// check opens the folder as a start would, and holds it to what was said.
func (a *acts) check(t *testing.T, h *house, round int) {
	t.Helper()
	cfg := h.config()
	cfg.Clock = clock.Wall{}
	v, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatalf("round %d: %v", round, err)
	}
	defer v.Close() //nolint:errcheck // only read
	if _, err := v.Check(t.Context()); err != nil {
		t.Errorf("round %d: %v", round, err)
	}
	if rep, err := v.Verify(t.Context()); err != nil || rep.Signed != rep.Entries {
		t.Errorf("round %d: Verify = %+v, %v", round, rep, err)
	}
	charts := map[string]*Chart{}
	chart := func(id string) *Chart {
		if charts[id] == nil {
			if charts[id], err = v.Open(t.Context(), importer, Importing, fhir.ClientID(id), AllParts); err != nil {
				t.Fatalf("round %d: %s: %v", round, id, err)
			}
		}
		return charts[id]
	}
	for _, p := range a.puts {
		f, err := chart(p[0]).Read(t.Context(), p[1], p[2])
		if err != nil || !strings.Contains(string(f.JSON), strings.Trim(p[3], "{}")) && p[1] != "Condition" {
			t.Fatalf("round %d: acknowledged %v is %s, %v", round, p, f.JSON, err)
		}
	}
	histories := map[string]string{}
	for _, p := range a.ones {
		if _, ok := histories[p[0]]; !ok {
			vs, err := chart(p[0]).History(t.Context(), p[1], p[2])
			do(t, err)
			var all strings.Builder
			for i, x := range vs {
				if x.Version != int64(len(vs)-i) {
					t.Fatalf("round %d: version %d at place %d of %d", round, x.Version, i, len(vs))
				}
				all.Write(x.JSON)
			}
			histories[p[0]] = all.String()
		}
		if !strings.Contains(histories[p[0]], p[3]) {
			t.Fatalf("round %d: acknowledged version %v is in no history", round, p)
		}
	}
	for id, n := range a.last {
		c := chart(id)
		lines, err := v.led.Lines(t.Context(), c.row, c.pid, c.keys.Ledger, 1<<62, 1_000_000)
		do(t, err)
		if len(lines) == 0 || lines[0].PSeq < n || int64(len(lines)) != lines[0].PSeq {
			t.Fatalf("round %d: %s had %d lines, there are %d", round, id, n, len(lines))
		}
	}
	// no write without its line, and no line without its write
	written := map[store.Client]int{}
	for id := range v.people.rows {
		c := chart(string(id))
		lines, err := v.led.Lines(t.Context(), c.row, c.pid, c.keys.Ledger, 1<<62, 1_000_000)
		do(t, err)
		for _, l := range lines {
			for _, w := range l.What {
				written[c.row] += w.N
			}
		}
		if n := versionsOf(t, v, c); n != written[c.row] {
			t.Fatalf("round %d: %s has %d versions and lines for %d", round, id, n, written[c.row])
		}
	}
}

// versionsOf counts every version of every resource in a chart.
func versionsOf(t *testing.T, v *Vault, c *Chart) (n int) {
	t.Helper()
	do(t, v.st.View(t.Context(), func(r store.Reader) error {
		return r.Since(t.Context(), c.row, -1, func(row store.Row) error { n += int(row.Version); return nil })
	}))
	return n
}

func TestAKillWhilePracticeIsMadeLeavesOneThatCanBeMade(t *testing.T) {
	t.Parallel()
	kills := 25
	if testing.Short() {
		kills = 8
	}
	rnd := rand.New(rand.NewPCG(3, 5))
	made, half := 0, 0
	for round := range kills {
		base := t.TempDir()
		h := &house{t: t, dir: filepath.Join(base, "data"), key: filepath.Join(base, "key"), now: clock.At(start)}
		cmd := h.process("create", "")
		do(t, cmd.Start())
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		// it is killed as soon as a file is there that a rapport makes on its way
		files := []string{h.key + ".new", h.key, h.dir, filepath.Join(h.dir, "lock"), filepath.Join(h.dir, freshRing), filepath.Join(h.dir, freshRing+"-journal"), filepath.Join(h.dir, dataFile), filepath.Join(h.dir, dataFile+"-wal"), filepath.Join(h.dir, ringFile)}
		wait := files[rnd.IntN(len(files))]
	watch:
		for {
			select {
			case <-ended:
				ended <- nil
				break watch
			default:
				if _, err := os.Lstat(wait); err == nil {
					for range rnd.IntN(100_000) {
						_ = rnd
					}
					cmd.Process.Kill() //nolint:errcheck // it may have ended
					break watch
				}
			}
		}
		<-ended
		if Exists(h.dir) {
			v, err := Open(t.Context(), h.config())
			if err != nil {
				t.Fatalf("round %d (%s): made, and does not open: %v", round, filepath.Base(wait), err)
			}
			do(t, v.Close())
			made++
			continue
		}
		v, err := Create(t.Context(), h.config())
		if err != nil {
			t.Fatalf("round %d (%s): cannot be made again: %v", round, filepath.Base(wait), err)
		}
		_, err = v.Check(t.Context())
		do(t, errors.Join(err, v.Close()))
		half++
	}
	t.Logf("%d kills: %d had been made and opened, %d were made again", kills, made, half)
}

func TestASecondProcessOnTheSameFolderIsTurnedAway(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	out, err := h.process("open", "").CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() == 0 {
		t.Fatalf("a second process: %v, %s", err, out)
	}
	oneLine(t, errors.New(strings.TrimSpace(string(out))), "another rapport is using")
	_, err = Open(t.Context(), h.config())
	oneLine(t, err, "another rapport is using")
	h.open(importer, Importing, h.ada, AllParts) // the first one goes on
	do(t, h.v.Close())
	if out, err := h.process("open", "").CombinedOutput(); err != nil {
		t.Errorf("after the first one ended: %v, %s", err, out)
	}
}

// nobodyUser is who runs when root may not.
const nobodyUser = 65534

func TestAFolderThatCannotBeWrittenSaysSo(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can start a process as somebody else")
	}
	for name, spoil := range map[string]func(h *house){
		"of somebody else": func(h *house) {},
		"with a lock of its own but no right to make files": func(h *house) {
			do(h.t, os.Chown(filepath.Join(h.dir, "lock"), nobodyUser, nobodyUser))
		},
		"with data that may only be read": func(h *house) {
			do(h.t, os.Chown(h.dir, nobodyUser, nobodyUser))
			for _, f := range []string{"lock", ringFile} {
				do(h.t, os.Chown(filepath.Join(h.dir, f), nobodyUser, nobodyUser))
			}
			do(h.t, os.Chmod(filepath.Join(h.dir, dataFile), 0o444))
		},
		"with a keyring that may not be read": func(h *house) {
			do(h.t, os.Chown(h.dir, nobodyUser, nobodyUser))
			do(h.t, os.Chown(filepath.Join(h.dir, "lock"), nobodyUser, nobodyUser))
			do(h.t, os.Chmod(filepath.Join(h.dir, ringFile), 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			do(t, h.v.Close())
			do(t, os.Chown(h.key, nobodyUser, nobodyUser))
			// every folder on the way may be passed, and the binary read
			for d := h.dir; len(d) > 1; d = filepath.Dir(d) {
				st, err := os.Stat(d)
				do(t, err)
				do(t, os.Chmod(d, st.Mode().Perm()|0o555))
			}
			do(t, os.Chmod(filepath.Dir(h.key), 0o755)) //nolint:gosec // a folder of the test's own
			exe, err := os.Executable()
			do(t, err)
			copied := filepath.Join(t.TempDir(), "rapport.test")
			b, err := os.ReadFile(exe)
			do(t, errors.Join(err, os.WriteFile(copied, b, 0o755))) //nolint:gosec // it is to be run
			for d := filepath.Dir(copied); len(d) > 4; d = filepath.Dir(d) {
				do(t, os.Chmod(d, 0o755)) //nolint:gosec // as above
			}
			spoil(h)
			cmd := h.process("open", "")
			cmd.Path = copied
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobodyUser, Gid: nobodyUser}}
			out, err := cmd.CombinedOutput()
			if err == nil {
				t.Fatalf("it opened: %s", out)
			}
			oneLine(t, errors.New(strings.TrimSpace(string(out))), "check its owner and permissions")
		})
	}
}

// disk makes a small disk of the test's own.
func disk(t *testing.T, mb int) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", mb)); err != nil {
		t.Skipf("a disk to fill cannot be made here: %v", err)
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) }) //nolint:errcheck // nothing to be done
	return dir
}

func TestAReadOnlyDiskSaysSo(t *testing.T) {
	t.Parallel()
	dir := disk(t, 16)
	h := newHouse(t)
	do(t, h.v.Close())
	h.dir = copyTo(t, h.dir, filepath.Join(dir, "data"))
	do(t, unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""))
	_, err := Open(t.Context(), h.config())
	oneLine(t, err, "check its owner and permissions")
	h.dir = filepath.Join(dir, "other")
	_, err = Create(t.Context(), h.config())
	oneLine(t, err, "read-only")
}

func copyTo(t *testing.T, from, to string) string {
	t.Helper()
	do(t, os.MkdirAll(to, 0o700))
	do(t, filepath.WalkDir(from, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		return errors.Join(err, os.WriteFile(filepath.Join(to, filepath.Base(p)), b, 0o600))
	}))
	return to
}

func TestAFullDiskLosesNothingAndIsGotOverWithoutARestart(t *testing.T) {
	t.Parallel()
	dir := disk(t, 12)
	h := &house{t: t, dir: filepath.Join(dir, "data"), key: filepath.Join(t.TempDir(), "key"), now: clock.At(start)}
	v, err := Create(t.Context(), h.config())
	do(t, err)
	h.use(v)
	h.ada = h.admit("ada", "Ada", "Lovelace", "1815-12-10")
	ballast := filepath.Join(dir, "ballast")
	kept := map[string]fhir.Resource{}
	ctx := t.Context()
	fills := 0
	for round := range 4 {
		var chart *Chart
		do(t, func() (err error) { chart, err = v.Open(ctx, importer, Importing, h.ada, AllParts); return err }())
		fill(t, ballast, dir, 600<<10)
		var full error
		for i := 0; i < 5000 && full == nil; i++ {
			r := pulse(fmt.Sprintf("o%d-%d", round, i), "ada", i)
			_, err := chart.Put(ctx, r, resource("DocumentReference", "d"+r.ID, `"status":"current","subject":{"reference":"Patient/ada"},"description":"`+noise(round*5000+i, 3000)+`","content":[{"attachment":{"title":"t"}}]`))
			if err == nil {
				kept[r.ID] = r
			}
			full = err
		}
		oneLine(t, full, "the disk is full")
		if full == nil {
			t.Fatal("the disk never filled")
		}
		fills++
		// nothing is read without a line; where the line still fits, reading goes on
		for range 50 {
			if _, err := v.Open(ctx, importer, Importing, h.ada, AllParts); err != nil {
				oneLine(t, err, "the disk is full")
			}
		}
		if _, err := v.Admit(ctx, importer, Importing); err != nil {
			oneLine(t, err, "the disk is full")
		}
		do(t, os.Remove(ballast))
		// there is space again: nothing was half-written, and writing goes on
		if _, err := v.Verify(ctx); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		_, err = v.Check(ctx)
		do(t, err)
		chart, err = v.Open(ctx, importer, Importing, h.ada, AllParts)
		if err != nil {
			t.Fatalf("round %d: with space again: %v", round, err)
		}
		_, err = chart.Put(ctx, pulse(fmt.Sprintf("after%d", round), "ada", round))
		do(t, err)
		obs, err := chart.Search(ctx, query(t, "Observation", ""))
		do(t, err)
		docs, err := chart.Search(ctx, query(t, "DocumentReference", ""))
		do(t, err)
		if len(docs) != len(kept) || len(obs) != len(kept)+round+1 {
			t.Fatalf("round %d: %d documents and %d results of %d acknowledged", round, len(docs), len(obs), len(kept))
		}
	}
	h.reopen()
	rep := h.verify()
	t.Logf("filled %d times; %d writes acknowledged, all there; %d entries verify", fills, len(kept), rep.Entries)
}

// noise is text that does not compress.
func noise(seed, n int) string {
	rnd := rand.New(rand.NewPCG(uint64(seed), 1))
	b := make([]byte, n)
	for i := range b {
		b[i] = "0123456789abcdefghijklmnopqrstuv"[rnd.IntN(32)]
	}
	return string(b)
}

// fill takes all space on a disk but some.
func fill(t *testing.T, path, dir string, leave int64) {
	t.Helper()
	var st unix.Statfs_t
	do(t, unix.Statfs(dir, &st))
	n := int64(st.Bavail)*st.Bsize - leave
	if n > 0 {
		do(t, os.WriteFile(path, make([]byte, n), 0o600))
	} else {
		do(t, os.WriteFile(path, nil, 0o600))
	}
}
