package media

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"runtime"
	"testing"

	"rapport/errs"
)

func TestAPictureIsDrawnAnewUprightAndWithoutItsPlace(t *testing.T) {
	t.Parallel()
	raw := asJPEG(t, photo(64, 32))
	// Where the red quarter is to be seen: its middle, in parts of the picture.
	corners := map[uint16][2]bool{1: {false, false}, 2: {true, false}, 3: {true, true}, 4: {false, true}, 5: {false, false}, 6: {true, false}, 7: {true, true}, 8: {false, true}}
	for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
		for o, at := range corners {
			tiff := exif(order, o)
			png := asPNG(t, photo(64, 32))
			png = append(append(bytes.Clone(png[:33]), pngChunk("eXIf", tiff)...), png[33:]...)
			for name, in := range map[string][]byte{"jpeg": segment(raw, 0xe1, "Exif\x00\x00"+tiff), "png": png} {
				p, err := Read(in)
				must(t, err)
				w, h := 64, 32
				if o >= 5 {
					w, h = h, w
				}
				if p.Kind != Picture || p.Type != "image/jpeg" || p.Width != w || p.Height != h {
					t.Errorf("%s %d: %v %s %d×%d", name, o, p.Kind, p.Type, p.Width, p.Height)
				}
				clean(t, name, p)
				m, err := jpeg.Decode(bytes.NewReader(p.Body))
				must(t, err)
				for _, x := range []bool{false, true} {
					for _, y := range []bool{false, true} {
						px, py := w/4, h/4
						if x {
							px = 3 * w / 4
						}
						if y {
							py = 3 * h / 4
						}
						r, _, _, _ := m.At(px, py).RGBA()
						if (r > 0xc000) != (at == [2]bool{x, y}) {
							t.Errorf("%s %d: the red quarter is not where it belongs", name, o)
						}
					}
				}
			}
		}
	}
}

// clean looks for the place in everything that would be kept.
func clean(t *testing.T, name string, p Piece) {
	t.Helper()
	for _, s := range []string{secret, "SECRETPLACE", "Exif", "<script", "PK\x03\x04"} {
		if bytes.Contains(p.Body, []byte(s)) || bytes.Contains(p.Thumb, []byte(s)) {
			t.Errorf("%s: %q is still in it", name, s)
		}
	}
}

func TestAPictureIsMadeToFit(t *testing.T) {
	t.Parallel()
	few := image.NewRGBA(image.Rect(0, 0, 300, 200))
	for i := range few.Pix {
		few.Pix[i] = 255
	}
	for x := range 100 {
		few.SetRGBA(x, 7, color.RGBA{0, 0, 200, 255})
	}
	clear := image.NewNRGBA(image.Rect(0, 0, 10, 10))
	for name, c := range map[string]struct {
		in   []byte
		kind string
		w, h int
	}{
		"a large one":        {asJPEG(t, photo(3000, 1500)), "image/jpeg", 2048, 1024},
		"a long one":         {asPNG(t, image.NewGray(image.Rect(0, 0, 1, 20000))), "image/png", 1, 2048},
		"few colours":        {asPNG(t, few), "image/png", 300, 200},
		"a gif":              {asGIF(t, few), "image/png", 300, 200},
		"one pixel":          {asGIF(t, photo(1, 1)), "image/png", 1, 1},
		"nothing on nothing": {asPNG(t, clear), "image/png", 10, 10},
		"sixteen bits":       {asPNG(t, image.NewNRGBA64(image.Rect(0, 0, 9, 9))), "image/png", 9, 9},
		"a lossless webp":    {[]byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"), "image/png", 1, 1},
	} {
		p, err := Read(c.in)
		if err != nil || p.Type != c.kind || p.Width != c.w || p.Height != c.h {
			t.Errorf("%s: %s %d×%d, %v", name, p.Type, p.Width, p.Height, err)
			continue
		}
		m, _, err := image.Decode(bytes.NewReader(p.Body))
		must(t, err)
		if m.Bounds().Dx() != c.w || m.Bounds().Dy() != c.h {
			t.Errorf("%s: is %v", name, m.Bounds())
		}
		if r, g, b, a := m.At(0, 0).RGBA(); name == "nothing on nothing" && (r&g&b&a) != 0xffff {
			t.Error("what is clear is not white")
		}
		cov, err := jpeg.DecodeConfig(bytes.NewReader(p.Thumb))
		if err != nil || len(p.Thumb) > mostCover || max(cov.Width, cov.Height) > coverSide {
			t.Errorf("%s: the cover is %d bytes, %d×%d: %v", name, len(p.Thumb), cov.Width, cov.Height, err)
		}
	}
}

// TestShrinkingKeepsTheLight holds that a smaller picture is exactly as light as the
// larger one, whatever the sizes.
func TestShrinkingKeepsTheLight(t *testing.T) {
	t.Parallel()
	for _, s := range [][3]int{{100, 37, 24}, {37, 100, 36}, {64, 64, 32}, {2049, 3, 2048}, {97, 89, 1}, {50, 50, 49}} {
		m := image.NewRGBA(image.Rect(0, 0, s[0], s[1]))
		for i := range m.Pix {
			m.Pix[i] = 201
			if i%4 == 3 {
				m.Pix[i] = 255
			}
		}
		out := shrink(m, s[2])
		for i, v := range out.Pix {
			if i%4 < 3 && v != 201 || i%4 == 3 && v != 255 {
				t.Fatalf("%v: %d at %d of %v", s, v, i, out.Rect)
			}
		}
	}
	m := image.NewRGBA(image.Rect(0, 0, 4, 2)) // halves: black and white columns make grey
	for i := range m.Pix {
		m.Pix[i] = uint8(i / 4 % 2 * 255)
		if i%4 == 3 {
			m.Pix[i] = 255
		}
	}
	if out := shrink(m, 2); out.Pix[0] != 128 || out.Pix[4] != 128 {
		t.Errorf("black and white make %v", out.Pix)
	}
}

// TestARefusalIsCheap holds that a picture's size is not made room for before its bytes
// can hold it.
func TestARefusalIsCheap(t *testing.T) { //nolint:paralleltest // it measures memory
	for name, in := range floods(t) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Read(in)
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; err == nil || got > 1<<20 {
			t.Errorf("%s: %d bytes were taken (%v)", name, got, err)
		}
	}
}

func floods(t testing.TB) map[string][]byte {
	canvas := "RIFF\x1e\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x10\x00\x00\x00\xff\xff\xff\xff\xff\xff"
	gifBig := asGIF(t, photo(4, 4))
	copy(gifBig[6:], "\xff\xff\xff\xff")
	gifFull := asGIF(t, photo(4, 4))
	copy(gifFull[6:], "\x00\x18\x00\x18")
	jpegBig := asJPEG(t, photo(8, 8))
	at := bytes.Index(jpegBig, []byte{0xff, 0xc0})
	copy(jpegBig[at+5:], "\x17\x70\x17\x70")
	return map[string][]byte{
		"50000 × 50000":           pngHead(50000, 50000),
		"the longest png":         pngHead(1<<31-1, 1),
		"a png without its bytes": append(pngHead(6000, 6000), pngChunk("IDAT", "\x78\x9c")...),
		"a gif's screen":          gifBig,
		"a gif without its bytes": gifFull,
		"a jpeg without bytes":    jpegBig,
		"a webp's canvas":         []byte(canvas),
	}
}

// TestAHeavyPictureIsRefused holds that a size which is fine for one way of keeping a
// picture is too much for one that takes five times the room.
func TestAHeavyPictureIsRefused(t *testing.T) {
	t.Parallel()
	b := asJPEG(t, photo(8, 8))
	at := bytes.Index(b, []byte{0xff, 0xc0})
	copy(b[at+5:], "\x14\x00\x14\x00") // 5120 × 5120
	if _, err := Read(bytes.Clone(b)); errs.SayOf(err) != "media.broken" {
		t.Errorf("it says %q", errs.SayOf(err))
	}
	b[at+1] = 0xc2
	if _, err := Read(b); errs.SayOf(err) != "media.pixels" {
		t.Errorf("a progressive one says %q", errs.SayOf(err))
	}
}
