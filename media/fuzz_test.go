package media

import (
	"bytes"
	"testing"
)

func FuzzRead(f *testing.F) {
	for _, s := range samples(f) {
		f.Add(s)
	}
	for _, s := range floods(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in []byte) { try(t, "fuzz", in) })
}

func FuzzWords(f *testing.F) {
	for _, s := range []string{"hello", "a\r\n\r\n\r\n\r\nb", "م\u200cک", "👩\u200d🚀", "\u202e\xff\x00", "e\u0301\u0301"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) { lawsOfWords(t, in) })
}

func FuzzCaptions(f *testing.F) {
	f.Add("One. Two! <b> --> &amp; 三。四", 9)
	f.Add("WEBVTT\n\n00:01.000 --> 00:02.000\n<v A>hi &lt;\n", -1)
	f.Fuzz(func(t *testing.T, in string, seconds int) {
		lawsOfCaptions(t, in, seconds)
		if said := ParseCaptions([]byte(in)); said != cleaned(said) {
			t.Fatalf("%q is not clean", said)
		}
	})
}

// BenchmarkPhoto reads a JPEG of 12 megapixels, as phones take them.
func BenchmarkPhoto(b *testing.B) {
	in := asJPEG(b, photo(4000, 3000))
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(in); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFilm reads a film of 100 MB.
func BenchmarkFilm(b *testing.B) {
	in := append(film("isom", pictures, voice, places), bx("mdat", zeros(100<<20))...)
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(in); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWords cleans a message of 4,000 characters.
func BenchmarkWords(b *testing.B) {
	in := string(bytes.Repeat([]byte("Guten Tag 👩\u200d🚀\r\n"), 220))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Words(in, 10000); err != nil {
			b.Fatal(err)
		}
	}
}
