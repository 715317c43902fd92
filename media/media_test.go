package media

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"rapport/errs"
)

// photo is a JPEG of a red corner on blue, with what a camera writes.
func photo(t testing.TB, turn int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 60, 40))
	for y := range 40 {
		for x := range 60 {
			c := color.RGBA{0, 0, 200, 255}
			if x < 30 && y < 20 {
				c = color.RGBA{220, 0, 0, 255}
			}
			m.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	tiff := []byte("II*\x00\x08\x00\x00\x00\x02\x00")
	tiff = append(tiff, 0x12, 0x01, 3, 0, 1, 0, 0, 0, byte(turn), 0, 0, 0)
	tiff = append(tiff, 0x25, 0x88, 4, 0, 1, 0, 0, 0, 40, 0, 0, 0, 0, 0, 0, 0)
	seg := append([]byte("Exif\x00\x00"), append(tiff, "GPS 51.5074N 0.1278W Zebra"...)...)
	out := append([]byte{0xff, 0xd8, 0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(seg)+2))...)
	return append(append(out, seg...), b.Bytes()[2:]...)
}

func TestAPictureIsDrawnAnew(t *testing.T) {
	t.Parallel()
	for turn, want := range map[int]struct{ w, h, redX, redY int }{1: {60, 40, 5, 5}, 3: {60, 40, 55, 35}, 6: {40, 60, 35, 5}, 8: {40, 60, 5, 55}, 2: {60, 40, 55, 5}, 5: {40, 60, 5, 5}, 7: {40, 60, 35, 55}, 4: {60, 40, 5, 35}} {
		p, err := Read(photo(t, turn))
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range [][]byte{p.Body, p.Cover} {
			if bytes.Contains(b, []byte("Zebra")) || bytes.Contains(b, []byte("Exif")) {
				t.Error("what the camera wrote is still there")
			}
		}
		m, err := jpeg.Decode(bytes.NewReader(p.Body))
		if err != nil {
			t.Fatal(err)
		}
		r, _, b, _ := m.At(want.redX, want.redY).RGBA()
		if p.Width != want.w || p.Height != want.h || p.Kind != Picture || p.Type != "image/jpeg" || r < 0x8000 || b > 0x8000 {
			t.Errorf("held as %d: %d × %d, red %x blue %x at its corner", turn, p.Width, p.Height, r, b)
		}
		if len(p.Cover) > 2048 {
			t.Errorf("the cover has %d bytes", len(p.Cover))
		}
	}
	big := image.NewRGBA(image.Rect(0, 0, 3000, 500))
	var b bytes.Buffer
	if err := png.Encode(&b, big); err != nil {
		t.Fatal(err)
	}
	if p, err := Read(append(b.Bytes(), "<script>alert(1)</script>"...)); err != nil || p.Width != sideMost || bytes.Contains(p.Body, []byte("script")) {
		t.Errorf("%v, %d wide", err, p.Width)
	}
	b.Reset()
	if err := gif.Encode(&b, image.NewPaletted(image.Rect(0, 0, 9, 9), color.Palette{color.Black}), nil); err != nil {
		t.Fatal(err)
	}
	if p, err := Read(b.Bytes()); err != nil || p.Type != "image/jpeg" {
		t.Errorf("a GIF: %v", err)
	}
}

// flood is the head of a PNG that says it is very large.
func flood(w, h uint32) []byte {
	ihdr := append([]byte("IHDR"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)...)
	ihdr = append(ihdr, 8, 6, 0, 0, 0)
	b := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), ihdr...)
	return append(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(ihdr)), "\x00\x00\x00\x00IDAT"...)
}

func box(kind string, inside ...[]byte) []byte {
	b := bytes.Join(inside, nil)
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(b)+8)), append([]byte(kind), b...)...)
}

func mp4(handlers ...string) []byte {
	var traks [][]byte
	for _, h := range handlers {
		traks = append(traks, box("trak", box("mdia", box("minf", box(h, make([]byte, 8)))), box("udta", []byte("where Zebra"))))
	}
	moov := box("moov", append([][]byte{box("mvhd", make([]byte, 20)), box("meta", []byte("+51.5074-000.1278/ Zebra"))}, traks...)...)
	return bytes.Join([][]byte{box("ftyp", []byte("isom\x00\x00\x02\x00isommp41")), moov, box("mdat", []byte("pictures"))}, nil)
}

// el is a Matroska element.
func el(id []byte, inside ...[]byte) []byte {
	b := bytes.Join(inside, nil)
	return append(append(id, 0x40|byte(len(b)>>8), byte(len(b))), b...)
}

func webmFile(types ...byte) []byte {
	var entries [][]byte
	for _, k := range types {
		entries = append(entries, el([]byte{0xae}, el([]byte{0x83}, []byte{k})))
	}
	return append(el([]byte{0x1a, 0x45, 0xdf, 0xa3}, el([]byte{0x42, 0x82}, []byte("webm"))),
		append([]byte{0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, bytes.Join([][]byte{
			el([]byte{0x16, 0x54, 0xae, 0x6b}, entries...), el([]byte{0x12, 0x54, 0xc3, 0x67}, []byte("LOCATION Zebra")), el([]byte{0x1f, 0x43, 0xb6, 0x75}, []byte("frames"))}, nil)...)...)
}

func TestWhatARecorderKnowsIsBlanked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		in   []byte
		kind Kind
		mime string
	}{
		"mp4": {mp4("vmhd", "smhd"), Video, "video/mp4"}, "m4a": {mp4("smhd"), Voice, "audio/mp4"},
		"webm": {webmFile(1, 2), Video, "video/webm"}, "webm sound": {webmFile(2), Voice, "audio/webm"},
	} {
		p, err := Read(c.in)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if p.Kind != c.kind || p.Type != c.mime || len(p.Body) != len(c.in) {
			t.Errorf("%s is %d, %s, %d bytes of %d", name, p.Kind, p.Type, len(p.Body), len(c.in))
		}
		if bytes.Contains(p.Body, []byte("Zebra")) || bytes.Contains(p.Body, []byte("51.5074")) {
			t.Errorf("%s: where it was recorded is still there", name)
		}
		if !bytes.Contains(p.Body, []byte("pictures")) && !bytes.Contains(p.Body, []byte("frames")) {
			t.Errorf("%s: what was recorded is gone", name)
		}
		if again, err := Read(p.Body); err != nil || !bytes.Equal(again.Body, p.Body) {
			t.Errorf("%s: read again: %v", name, err)
		}
	}
}

func TestWhatMayNotBeSent(t *testing.T) {
	t.Parallel()
	cut := photo(t, 1)
	for name, c := range map[string]struct {
		in  []byte
		say string
	}{
		"nothing": {nil, "media.empty"}, "a page": {[]byte("<!doctype html><script>"), "media.kind"}, "a drawing": {[]byte("<svg xmlns='http://www.w3.org/2000/svg'>"), "media.kind"},
		"a program": {[]byte("MZ\x90\x00"), "media.kind"}, "an archive": {[]byte("PK\x03\x04"), "media.kind"}, "a page that begins late": {[]byte("   %PDF-1.4"), "media.kind"},
		"a flood": {flood(50000, 50000), "media.pixels"}, "a long flood": {flood(1<<31-1, 1), "media.pixels"}, "a broken picture": {flood(10, 10), "media.broken"},
		"a cut picture": {cut[:len(cut)/2], "media.broken"}, "a cut video": {mp4("vmhd")[:60], "media.broken"}, "a HEIC": {box("ftyp", []byte("heic\x00\x00\x00\x00")), "media.kind"},
		"a cut document": {[]byte("%PDF-1.7 and no end"), "media.broken"}, "a Matroska": {el([]byte{0x1a, 0x45, 0xdf, 0xa3}, el([]byte{0x42, 0x82}, []byte("matroska"))), "media.kind"},
		"large": {append([]byte("%PDF-"), make([]byte, paperMost)...), "media.large"},
	} {
		p, err := Read(c.in)
		if !errs.Is(err, errs.Invalid) || errs.SayOf(err) != c.say {
			t.Errorf("%s: %v says %q, want %q (%s)", name, err, errs.SayOf(err), c.say, p.Type)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		" a\r\nb ": "a\nb", "a\u202eb\u2066c\u200bd\ufeff": "abcd", "a\x00\x07b\tc": "ab\tc", "a\n\n\n\n\n\nb": "a\n\n\nb",
		"👩\u200d👧": "👩\u200d👧", "\u200d \u200c": "", "می\u200cخواهم": "می\u200cخواهم", "a\xffb": "ab", "\U000e0041a": "a",
	} {
		if got, err := Words(in, 100); err != nil || got != want {
			t.Errorf("%q becomes %q, %v; want %q", in, got, err, want)
		}
	}
	if _, err := Words(strings.Repeat("é", 101), 100); errs.SayOf(err) != "media.words" {
		t.Errorf("too long: %v", err)
	}
}

func TestCaptions(t *testing.T) {
	t.Parallel()
	got := string(Captions("It hurts. See <b> --> here!\nThe end…", 9))
	for _, want := range []string{"WEBVTT\n\n00:00:00.000 --> 00:00:03.000\nIt hurts.\n", "See &lt;b&gt; --&gt; here!", "00:00:06.000 --> 00:00:09.000\nThe end…\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
	if got := string(Captions("", 0)); got != "WEBVTT\n" {
		t.Errorf("nothing said is %q", got)
	}
}

func FuzzRead(f *testing.F) {
	for _, b := range [][]byte{photo(f, 6), mp4("vmhd", "smhd"), webmFile(1, 2), flood(8, 8), []byte("%PDF-%%EOF"), []byte("OggS"), []byte("RIFF\x00\x00\x00\x00WAVEfmt ")} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := Read(b)
		if err != nil {
			return
		}
		if p.Kind == 0 || p.Type == "" || len(p.Body) == 0 {
			t.Fatalf("taken as %+v", p)
		}
		if p.Kind != Picture {
			if again, err := Read(p.Body); err != nil || !bytes.Equal(again.Body, p.Body) {
				t.Fatalf("cleaned twice: %v", err)
			}
		}
	})
}

func FuzzWords(f *testing.F) {
	f.Add("a\u202eb\n\n\n\nc")
	f.Fuzz(func(t *testing.T, s string) {
		w, err := Words(s, 1<<20)
		if err != nil {
			return
		}
		if again, err := Words(w, 1<<20); err != nil || again != w {
			t.Fatalf("%q cleaned twice is %q", w, again)
		}
		Captions(w, len(w)%90)
	})
}

func BenchmarkPicture(b *testing.B) {
	m := image.NewRGBA(image.Rect(0, 0, 4000, 3000)) // 12 megapixels
	for i := range m.Pix {
		m.Pix[i] = byte(i * 7)
	}
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, m, nil); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(buf.Bytes()); err != nil {
			b.Fatal(err)
		}
	}
}
