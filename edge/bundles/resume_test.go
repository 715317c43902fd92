package bundles

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"rapport/account"
	"rapport/clock"
	"rapport/record"
)

// childEnv names, in a process of our own, the folder that it imports into and
// the one it imports from.
const childEnv = "RAPPORT_TEST_IMPORT"

func TestMain(m *testing.M) {
	if dirs := os.Getenv(childEnv); dirs != "" {
		if err := child(strings.Split(dirs, "\n")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child imports until it is done or killed, and writes a byte at every step.
func child(dirs []string) error {
	ctx := context.Background()
	v, err := record.Open(ctx, folder(dirs[0]))
	if err != nil {
		return err
	}
	im, err := New(ctx, v, account.AsSystem(account.Importer), func(int64) { os.Stdout.WriteString(".") }) //nolint:errcheck // nobody may be reading any more
	if err != nil {
		return err
	}
	rep, err := im.Files(ctx, within(dirs[1]))
	if err == nil && len(rep.Refused) > 0 {
		err = errors.New(rep.Refused[0].String())
	}
	return errors.Join(err, v.Close())
}

func folder(dir string) record.Config {
	return record.Config{Dir: filepath.Join(dir, "data"), KeyFile: filepath.Join(dir, "key"), Clock: clock.Wall{}}
}

func within(dir string) []string {
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		panic(err) // the pattern is well formed
	}
	return files
}

// practice writes files of every kind and order a practice might bring, and
// returns the folder and how many resources are in it.
func practice(t testing.TB) (dir string, total int) {
	t.Helper()
	dir = t.TempDir()
	write := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	n := 24
	if testing.Short() {
		n = 6
	}
	for i := range n { // a person each, in a transaction; half of them point at a doctor by identifier
		p := fmt.Sprint("t", i)
		es := []string{entryOf("", patient(p), "PUT Patient/"+p)}
		for j := range 40 {
			id := fmt.Sprint(p, "-", j)
			es = append(es, entryOf("", obs(id, about("Patient/"+p)+performer(fmt.Sprintf("Practitioner?identifier=http://npi.example|%d", i%5))), "PUT Observation/"+id))
		}
		total += len(es)
		write(p+".json", bundleOf("transaction", es...))
	}
	var lines []string
	for i := range 3*maxLines + 100 { // many people's, in lines, all in one file, the people last
		lines = append(lines, observation(fmt.Sprint("l", i), fmt.Sprint("Patient/n", i%7)))
	}
	write("Observation.ndjson", strings.Join(lines, "\n"))
	var people []string
	for i := range 7 {
		people = append(people, patient(fmt.Sprint("n", i)))
	}
	write("a-people.ndjson", "\n"+strings.Join(people, "\n"))
	var doctors []string
	for i := range 5 {
		doctors = append(doctors, npi(fmt.Sprint("d", i), fmt.Sprint(i)))
	}
	write("zz-doctors.json", collection(doctors...)) // last in the folder, needed first
	write("z-waits.json", collection(obs("w", about("Patient/late"))))
	write("zz-late.json", collection(patient("late")))
	return dir, total + len(lines) + len(people) + len(doctors) + 2
}

// uninterrupted is what an import in one go keeps.
func uninterrupted(t testing.TB, dir string, total int) map[string]string {
	t.Helper()
	v := vault(t)
	if rep := bring(t, v, within(dir)...); rep.Written != total || rep.Unchanged != 0 || len(rep.Refused) > 0 {
		t.Fatalf("%d resources: %+v", total, rep)
	}
	want := state(t, v)
	for k, s := range want {
		if !strings.HasPrefix(s, "1 ") {
			t.Fatalf("%s is not at its first version", k)
		}
	}
	return want
}

func TestAnImportThatWasStoppedGoesOn(t *testing.T) {
	t.Parallel()
	dir, total := practice(t)
	want := uninterrupted(t, dir, total)
	files := within(dir)
	var size int64
	for _, f := range files {
		st, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		size += st.Size()
	}
	seeds := uint64(4)
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		r := rand.New(rand.NewPCG(seed, 2))
		v := vault(t)
		written, runs := 0, 0
		for stop := true; stop; runs++ {
			ctx, cancel := context.WithCancel(t.Context())
			at, sum := r.Int64N(size/2), atomic.Int64{}
			im, err := New(t.Context(), v, account.AsSystem(account.Importer), func(n int64) {
				if sum.Add(n) > at && runs < 12 {
					cancel()
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			rep, err := im.Files(ctx, files)
			stop = err != nil
			cancel()
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			plainReasons(t, rep)
			if len(rep.Refused) > 0 {
				t.Errorf("run %d: %v", runs, rep.Refused)
			}
			written += rep.Written
		}
		if runs < 3 {
			t.Errorf("only %d runs", runs)
		}
		if written != total {
			t.Errorf("the runs say they wrote %d, of %d", written, total)
		}
		sameState(t, state(t, v), want)
		if again := bring(t, v, files...); again.Skipped != len(files) {
			t.Errorf("again: %+v", again)
		}
	}
}

func TestLinesGoOnFromWhereTheyWere(t *testing.T) {
	t.Parallel()
	n := 6*maxLines - 1
	f := file(t, "f.ndjson", manyLines(n, false))
	v := vault(t)
	ctx, cancel := context.WithCancel(t.Context())
	var steps atomic.Int64
	im, err := New(t.Context(), v, account.AsSystem(account.Importer), func(int64) {
		if steps.Add(1) == 3 {
			cancel()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	first, err := im.Files(ctx, []string{f})
	if !errors.Is(err, context.Canceled) || first.Written < 2*maxLines || first.Written > 4*maxLines {
		t.Fatalf("%+v, %v", first, err)
	}
	rep := bring(t, v, f)
	if first.Written+rep.Written != n+1 || rep.Unchanged > maxLines || len(rep.Refused) > 0 {
		t.Errorf("first %+v, then %+v", first, rep)
	}
}

func TestAnImportThatWasKilledGoesOn(t *testing.T) {
	t.Parallel()
	dir, total := practice(t)
	want := uninterrupted(t, dir, total)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	v, err := record.Create(t.Context(), folder(home))
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(7, 7))
	kills := 0
	for run := range 10 {
		cmd := exec.CommandContext(t.Context(), self)
		cmd.Env = append(os.Environ(), childEnv+"="+home+"\n"+dir)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		b := bufio.NewReaderSize(out, 16)
		if run < 9 {
			// wait for so many steps, and then for some time nobody knows
			_, err = io.CopyN(io.Discard, b, 1+r.Int64N(9))
			if err == nil {
				for range r.IntN(2_000_000) { //nolint:revive // burns a little time, without a clock
				}
				if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
					t.Fatal(err)
				}
			}
		}
		if _, err := io.Copy(io.Discard, b); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			if run == 9 {
				t.Fatal(err)
			}
			kills++
		}
		halves(t, home, want)
	}
	if kills < 3 {
		t.Errorf("only %d kills struck", kills)
	}
	v, err = record.Open(t.Context(), folder(home))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close() //nolint:errcheck // only read
	sameState(t, state(t, v), want)
	if _, err := v.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	if again := bring(t, v, within(dir)...); again.Skipped != len(within(dir)) {
		t.Errorf("again: %+v", again)
	}
}

// halves looks for transactions of which a part is there.
func halves(t *testing.T, home string, want map[string]string) {
	t.Helper()
	v, err := record.Open(t.Context(), folder(home))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close() //nolint:errcheck // only read
	is, of := map[string]int{}, map[string]int{}
	for k := range state(t, v) {
		p, _, _ := strings.Cut(k, "/")
		is[p]++
	}
	for k := range want {
		p, _, _ := strings.Cut(k, "/")
		of[p]++
	}
	for p, n := range is {
		if strings.HasPrefix(p, "t") && n != of[p] {
			t.Errorf("%d of the %d resources of a transaction are there", n, of[p])
		}
	}
}
