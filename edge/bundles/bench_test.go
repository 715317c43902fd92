package bundles

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"rapport/account"
	"rapport/clock"
	"rapport/record"
)

// BenchmarkImport brings the Synthea people in: parsed, validated, sealed and on
// the ledger. It reports resources a second and what each weighs on the disk.
func BenchmarkImport(b *testing.B) {
	benchmark(b, outside(b, "synthea/dev"))
}

// BenchmarkLines brings the same people in as a bulk export has them: one NDJSON
// file for each type.
func BenchmarkLines(b *testing.B) {
	byType := map[string]*bytes.Buffer{}
	for _, f := range outside(b, "synthea/dev") {
		raw, err := os.ReadFile(f)
		if err != nil {
			b.Fatal(err)
		}
		es, _, refused := split(raw)
		if len(refused) > 0 {
			b.Fatal(refused)
		}
		bt := &batch{im: &Importer{shared: &shared{idents: idents{}}}, entries: es}
		bt.name()
		for _, e := range bt.entries {
			out := byType[e.typ]
			if out == nil {
				out = &bytes.Buffer{}
				byType[e.typ] = out
			}
			out.Write(e.withID(e.doc.Rewrite(func(ref string) (string, bool) { return bt.target(e, ref) })))
			out.WriteByte('\n')
		}
	}
	dir := b.TempDir()
	var files []string
	for typ, out := range byType {
		p := filepath.Join(dir, typ+".ndjson")
		if err := os.WriteFile(p, out.Bytes(), 0o600); err != nil {
			b.Fatal(err)
		}
		files = append(files, p)
	}
	benchmark(b, files)
}

// benchmark imports files into an empty practice. The time of the processors is
// beside the time by the clock, because other programs may be running.
func benchmark(b *testing.B, files []string) {
	b.Helper()
	var written int
	var spent syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &spent); err != nil {
		b.Fatal(err)
	}
	before := spent.Utime.Nano() + spent.Stime.Nano()
	var weight int64
	for b.Loop() {
		dir := b.TempDir()
		v, err := record.Create(b.Context(), record.Config{Dir: filepath.Join(dir, "data"), KeyFile: filepath.Join(dir, "key"), Clock: clock.Wall{}})
		if err != nil {
			b.Fatal(err)
		}
		im, err := New(b.Context(), v, account.AsSystem(account.Importer), nil)
		if err != nil {
			b.Fatal(err)
		}
		rep, err := im.Files(b.Context(), files)
		if err != nil || len(rep.Refused) > 0 {
			b.Fatal(err, len(rep.Refused), rep.Refused[:min(len(rep.Refused), 3)])
		}
		if err := v.Close(); err != nil {
			b.Fatal(err)
		}
		written += rep.Written
		weight += weigh(b, dir)
	}
	b.ReportMetric(float64(written)/b.Elapsed().Seconds(), "resources/s")
	b.ReportMetric(float64(weight)/float64(written), "B/resource")
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &spent); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(spent.Utime.Nano()+spent.Stime.Nano()-before)/1000/float64(written), "cpu-µs/resource")
}

// weigh returns how many bytes a folder holds.
func weigh(t testing.TB, dir string) (n int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		st, err := d.Info()
		if err == nil {
			n += st.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
