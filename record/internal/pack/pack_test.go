package pack

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"runtime"
	"testing"

	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"
)

func TestWhatWasPackedComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")
		if rapid.Bool().Draw(t, "repeated") {
			b = bytes.Repeat(b, rapid.IntRange(0, 50).Draw(t, "times"))
		}
		packed := Pack([]byte("head"), b)
		if !bytes.HasPrefix(packed, []byte("head")) {
			t.Fatal("Pack does not append")
		}
		got, err := Unpack([]byte("head"), packed[4:])
		if err != nil || !bytes.Equal(got, append([]byte("head"), b...)) {
			t.Fatalf("Unpack: %d bytes, %v; want %d", len(got)-4, err, len(b))
		}
	})
}

// TestWhatWasPackedBeforeStillUnpacks holds the format and the dictionary fast.
func TestWhatWasPackedBeforeStillUnpacks(t *testing.T) {
	t.Parallel()
	packed, err := base64.StdEncoding.DecodeString(frozen)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Unpack(nil, packed)
	if err != nil || string(got) != kept {
		t.Errorf("Unpack = %q, %v", got, err)
	}
	if plain := Pack(nil, []byte(kept)); len(plain) > len(packed)+8 {
		t.Errorf("packed to %d bytes, was %d: the dictionary no longer helps", len(plain), len(packed))
	}
}

const kept = `{"resourceType":"Observation","id":"o1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]},"subject":{"reference":"Patient/p1"},"valueQuantity":{"value":72.50,"unit":"/min","system":"http://unitsofmeasure.org","code":"/min"}}`

// bomb packs n zeros into almost nothing.
func bomb(t testing.TB, n int, opts ...zstd.EOption) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := zstd.NewWriter(&out, opts...)
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range n >> 20 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestABombDoesNotGoOff(t *testing.T) {
	b := bomb(t, 1<<30) // not parallel: it measures memory
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Unpack(nil, b)
	runtime.ReadMemStats(&after)
	if err == nil {
		t.Error("a gigabyte came out")
	}
	if grew := after.TotalAlloc - before.TotalAlloc; grew > 8*Max {
		t.Errorf("%d bytes unpacked through %d MB", len(b), grew>>20)
	}
}

func TestTheLargestThatIsTakenComesBack(t *testing.T) {
	t.Parallel()
	b := bytes.Repeat([]byte("0123456789abcdef"), Max/16)
	got, err := Unpack(nil, Pack(nil, b))
	if err != nil || !bytes.Equal(got, b) {
		t.Errorf("%d bytes, %v; want %d", len(got), err, Max)
	}
	if _, err := Unpack(nil, Pack(nil, append(b, 'x'))); err == nil {
		t.Error("more than the largest came back")
	}
}

func FuzzUnpack(f *testing.F) {
	f.Add([]byte{})
	f.Add(Pack(nil, []byte(kept)))
	f.Add(Pack(nil, []byte(kept))[:20])
	f.Add(bomb(f, 1<<20))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := Unpack(nil, b)
		if err == nil && len(got) > Max {
			t.Errorf("%d bytes came out", len(got))
		}
	})
}

const frozen = "KLUv/WEBAQDVAgDUAW8xODg2Ny00cDE3Mi5pdCI6Ii9taW4vbWluIn19F/AN8/sRZaGjTM+XCD36p5HRvwSrIY0uOU7mdqgR2T2fUDgQO5d1BCQDcgcZdqez34ba2MoC2NycA2I="

// TestTheDictionaryIsTheOneThatDataWasPackedWith fails when dictionary.bin is
// made anew: what lies on disks could not be read any more. A new dictionary
// gets a new ZstdDictID and a file of its own beside this one.
func TestTheDictionaryIsTheOneThatDataWasPackedWith(t *testing.T) {
	t.Parallel()
	const want = "6054d3db1b3a3e8cf03b618423b5c382b873a923160ad044d9944a2ad2a14e9e"
	if got := fmt.Sprintf("%x", sha256.Sum256(dictionary)); got != want {
		t.Errorf("dictionary.bin is %s, data was packed with %s", got, want)
	}
}
