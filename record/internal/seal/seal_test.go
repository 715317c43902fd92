package seal

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// keyOf is a key that is only for tests.
func keyOf(n byte) Key { return Key(bytes.Repeat([]byte{n}, 32)) }

func TestWhatWasSealedOpensOnlyInItsPlaceAndUnderItsKey(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		plain, place := rapid.SliceOf(rapid.Byte()).Draw(t, "plain"), rapid.SliceOf(rapid.Byte()).Draw(t, "place")
		box := NewBox(keyOf(1))
		head := []byte("before")
		sealed := box.Seal(bytes.Clone(head), plain, place)
		if !bytes.HasPrefix(sealed, head) {
			t.Fatal("Seal does not append")
		}
		sealed = sealed[len(head):]
		got, err := box.Open(bytes.Clone(head), sealed, place)
		if err != nil || !bytes.Equal(got, append(head, plain...)) {
			t.Fatalf("Open = %x, %v", got, err)
		}
		if again := box.Seal(nil, plain, place); bytes.Equal(again, sealed) {
			t.Fatal("sealed twice, it is the same: the nonce is not random")
		}
		elsewhere := append(bytes.Clone(place), rapid.Byte().Draw(t, "more"))
		for what, open := range map[string]func() ([]byte, error){
			"another key":         func() ([]byte, error) { return NewBox(keyOf(2)).Open(nil, sealed, place) },
			"a derived key":       func() ([]byte, error) { return NewBox(keyOf(1).Derive("body")).Open(nil, sealed, place) },
			"the zero Box":        func() ([]byte, error) { return Box{}.Open(nil, sealed, place) },
			"a longer place":      func() ([]byte, error) { return box.Open(nil, sealed, elsewhere) },
			"something after it":  func() ([]byte, error) { return box.Open(nil, append(bytes.Clone(sealed), 0), place) },
			"something before it": func() ([]byte, error) { return box.Open(nil, append([]byte{version}, sealed...), place) },
		} {
			if got, err := open(); err == nil || len(got) > 0 {
				t.Fatalf("%s opens it: %x, %v", what, got, err)
			}
		}
	})
}

func TestEveryBitAndEveryByteCount(t *testing.T) {
	t.Parallel()
	box, place := NewBox(keyOf(1)), []byte("place")
	sealed := box.Seal(nil, []byte("what a client told us"), place)
	tried := 0
	for i := range sealed {
		for bit := range 8 {
			bad := bytes.Clone(sealed)
			bad[i] ^= 1 << bit
			if got, err := box.Open(nil, bad, place); err == nil {
				t.Fatalf("bit %d of byte %d flipped, and it opens: %q", bit, i, got)
			}
			tried++
		}
		if got, err := box.Open(nil, sealed[:i], place); err == nil {
			t.Fatalf("cut to %d bytes, and it opens: %q", i, got)
		}
		if got, err := box.Open(nil, sealed[i+1:], place); err == nil {
			t.Fatalf("without its first %d bytes, and it opens: %q", i+1, got)
		}
		tried += 2
	}
	for i := range place {
		bad := bytes.Clone(place)
		bad[i] ^= 1
		if _, err := box.Open(nil, sealed, bad); err == nil {
			t.Fatalf("byte %d of its place is another, and it opens", i)
		}
		tried++
	}
	t.Logf("%d alterations, 0 opened", tried)
}

// TestWhatWasSealedBeforeStillOpens holds the format fast: data on disk outlives
// the program that wrote it.
func TestWhatWasSealedBeforeStillOpens(t *testing.T) {
	t.Parallel()
	sealed, err := hex.DecodeString(frozen)
	if err != nil {
		t.Fatal(err)
	}
	got, err := NewBox(keyOf(7).Derive("body")).Open(nil, sealed, []byte("rapport/test"))
	if err != nil || string(got) != "kept since the first version" {
		t.Errorf("Open = %q, %v", got, err)
	}
	d := keyOf(7).Derive("facet")
	if got := hex.EncodeToString(d[:]); got != derived {
		t.Errorf("the key derived for facets is %s, was %s", got, derived)
	}
}

func TestKeysForDifferentUsesDiffer(t *testing.T) {
	t.Parallel()
	seen := map[Key]string{}
	for _, k := range []Key{keyOf(1), keyOf(2)} {
		for _, use := range []string{"", "body", "facet", "ledger", "row", "own body", "own directory"} {
			d := k.Derive(use)
			if was, ok := seen[d]; ok {
				t.Errorf("%q and %q have the same key", use, was)
			}
			seen[d] = use
			if d != k.Derive(use) {
				t.Errorf("%q has another key the second time", use)
			}
		}
	}
}

func TestAKeyNeverPrints(t *testing.T) {
	t.Parallel()
	k := keyOf('K')
	for _, verb := range []string{"%v", "%s", "%+v", "%#v", "%q"} {
		for _, x := range []any{k, &k, struct{ K Key }{k}, []Key{k}} {
			got := fmt.Sprintf(verb, x)
			if strings.Contains(got, "KKK") || strings.Contains(got, "75, 75") || strings.Contains(got, "0x4b") || strings.Contains(got, "4b4b") || strings.Contains(got, "75 75") {
				t.Errorf("%s of %T shows the key: %s", verb, x, got)
			}
		}
	}
	if _, err := NewKey(strings.NewReader("too short")); err == nil {
		t.Error("a key was drawn from too few bytes")
	}
}

func TestPaddingComesOffAndSizesTellLittle(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 70_000).Draw(t, "size")
		plain := bytes.Repeat([]byte{0xAB}, n)
		padded := Pad([]byte("head"), plain)
		if !bytes.HasPrefix(padded, []byte("head")) {
			t.Fatal("Pad does not append")
		}
		padded = padded[4:]
		got, err := Unpad(padded)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("Unpad: %d bytes, %v; want %d", len(got), err, n)
		}
		switch {
		case len(padded)%64 != 0, len(padded) < n:
			t.Fatalf("%d bytes are padded to %d", n, len(padded))
		case n <= 1000 && len(padded)-n > 64+3, n > 1000 && len(padded)-n > n/4+64:
			t.Fatalf("%d bytes grow to %d", n, len(padded))
		}
	})
	sizes := map[int]bool{}
	for n := range 100_000 {
		sizes[Bucket(n+1)] = true
	}
	if len(sizes) > 16+8*8 {
		t.Errorf("%d different sizes up to 100 KB: they tell too much", len(sizes))
	}
}

func FuzzUnpad(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0})
	f.Add(append([]byte{10}, make([]byte, 9, 20)...))
	f.Add(Pad(nil, []byte("plain")))
	f.Add(bytes.Repeat([]byte{0xff}, 12))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 1, 2})
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := Unpad(b)
		if err == nil && len(got) >= len(b) {
			t.Errorf("%d bytes out of %d", len(got), len(b))
		}
	})
}

const (
	frozen  = "01333e6c788b3b4590d30b221eba6c31a5a5b8a39a8557bcbb86b8b92791df84adf0820693ad48abcfe81a78d5e6c9e52962efe59a6b36a19b"
	derived = "c20f90714100261254eec1b6405d147a7765d9636e8ab3d9c06eb628c7bc306f"
)
