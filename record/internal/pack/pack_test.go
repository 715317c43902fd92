package pack

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// resources returns the resources of outside Synthea bundles, or skips.
func resources(t testing.TB) [][]byte {
	t.Helper()
	var out [][]byte
	filepath.WalkDir("../../../../shared/data/synthea/dev", func(p string, d fs.DirEntry, err error) error { //nolint:errcheck // skipped below
		if err != nil || d.IsDir() {
			return nil //nolint:nilerr // skipped below
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		var x struct {
			Entry []struct{ Resource json.RawMessage }
		}
		if err := json.Unmarshal(b, &x); err != nil {
			return err
		}
		for _, e := range x.Entry {
			var c bytes.Buffer
			if err := json.Compact(&c, e.Resource); err != nil {
				return err
			}
			out = append(out, c.Bytes())
		}
		return nil
	})
	if len(out) == 0 {
		t.Skip("the shared data is not here")
	}
	return out
}

func BenchmarkPack(b *testing.B) {
	rs := resources(b)
	in, out := 0, 0
	b.ResetTimer()
	var buf []byte
	for i := range b.N {
		r := rs[i%len(rs)]
		buf = Pack(buf[:0], r)
		in, out = in+len(r), out+len(buf)
	}
	b.ReportMetric(float64(out)/float64(b.N), "B/resource")
	b.ReportMetric(float64(in)/float64(out), "ratio")
}

func BenchmarkUnpack(b *testing.B) {
	rs := resources(b)
	packed := make([][]byte, len(rs))
	for i, r := range rs {
		packed[i] = Pack(nil, r)
	}
	b.ResetTimer()
	for i := range b.N {
		if _, err := Unpack(nil, packed[i%len(rs)]); err != nil {
			b.Fatal(err)
		}
	}
}

func TestWhatIsPackedComesBack(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "x", `{"resourceType":"Observation"}`, string(bytes.Repeat([]byte("abcdef "), 30000))} {
		got, err := Unpack(nil, Pack(nil, []byte(s)))
		if err != nil || string(got) != s {
			t.Errorf("%d bytes came back as %d, %v", len(s), len(got), err)
		}
	}
}
