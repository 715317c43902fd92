package bundles

import (
	"io/fs"
	"path/filepath"
	"testing"

	"rapport/account"
	"rapport/clock"
	"rapport/record"
)

// BenchmarkImport brings the Synthea people in: parsed, validated, sealed and on
// the ledger. It reports resources a second and what each weighs on the disk.
func BenchmarkImport(b *testing.B) {
	files := outside(b, "synthea/dev")
	var written int
	var bytes int64
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
			b.Fatal(err, rep.Refused)
		}
		if err := v.Close(); err != nil {
			b.Fatal(err)
		}
		written += rep.Written
		bytes += weigh(b, dir)
	}
	b.ReportMetric(float64(written)/b.Elapsed().Seconds(), "resources/s")
	b.ReportMetric(float64(bytes)/float64(written), "B/resource")
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
