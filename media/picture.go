package media

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"
)

// What a picture may measure, and what it is drawn anew as.
const (
	mostPixels = 40_000_000
	mostSide   = 20_000
	mostWeight = 320 << 20 // bytes, decoded
	longSide   = 2048
	quality    = 82
	flat       = 256 // colours; a picture of no more may stay a PNG
	coverSide  = 24
	mostCover  = 2 << 10
	mostScans  = 100 // of one JPEG: each goes over the whole picture, however short it is
)

func isPicture(b []byte) bool {
	return starts("\xff\xd8\xff")(b) || starts("\x89PNG\r\n\x1a\n")(b) || starts("GIF87a")(b) || starts("GIF89a")(b) || riff(b, "WEBP")
}

// format is one way of keeping a picture.
type format struct {
	size   func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	dense  int // pixels that one byte of it can hold at most
}

func formatOf(b []byte) format {
	switch b[0] {
	case 0xff: // at least one bit for every block of 8×8
		return format{jpeg.DecodeConfig, jpeg.Decode, 512}
	case 0x89: // deflate makes at most 1032 bytes of one, of at most 8 pixels
		return format{png.DecodeConfig, png.Decode, 1032 * 8}
	case 'G': // a code of 12 bits stands for at most 4096 pixels
		return format{gif.DecodeConfig, gif.Decode, 2731}
	}
	return format{webp.DecodeConfig, webp.Decode, 20_000}
}

// readPicture draws a picture anew.
func readPicture(b []byte) (Piece, error) {
	f := formatOf(b)
	if err := f.fits(b); err != nil {
		return Piece{}, err
	}
	img, err := f.decode(&scans{Reader: bytes.NewReader(b)})
	if err != nil || img.Bounds().Empty() {
		return Piece{}, broken("a picture that cannot be decoded")
	}
	plain := turn(shrink(img, longSide), orientation(b))
	p := Piece{Kind: Picture, Width: plain.Rect.Dx(), Height: plain.Rect.Dy()}
	if p.Type, p.Body, err = encode(plain); err != nil {
		return Piece{}, err
	}
	p.Thumb, err = cover(plain)
	return p, err
}

// fits checks what a picture's header says before anything is made room for.
func (f format) fits(b []byte) error {
	if f.dense == 20_000 {
		if err := still(b); err != nil {
			return err
		}
	}
	c, err := f.size(bytes.NewReader(b))
	if err != nil || c.Width <= 0 || c.Height <= 0 {
		return broken("a picture without a size")
	}
	if c.Width > mostSide || c.Height > mostSide || c.Width*c.Height > mostPixels {
		return refuse("media.pixels", "a picture of %d × %d", c.Width, c.Height)
	}
	if c.Width*c.Height*weight(b, c.ColorModel) > mostWeight {
		return refuse("media.pixels", "a picture of %d × %d that is too heavy", c.Width, c.Height)
	}
	if c.Width*c.Height/f.dense > len(b) {
		return broken("fewer bytes than the picture needs")
	}
	return nil
}

// weight says how many bytes a pixel takes while a picture is decoded, at most.
func weight(b []byte, m color.Model) int {
	// A progressive JPEG keeps four more bytes for each of its samples. The marker may
	// stand in a comment as well: then the picture is thought heavier than it is.
	progressive := b[0] == 0xff && bytes.Contains(b, []byte{0xff, 0xc2})
	switch {
	case m == color.CMYKModel && progressive:
		return 24
	case progressive:
		return 15
	case m == color.RGBA64Model, m == color.NRGBA64Model, m == color.CMYKModel:
		return 8
	case m == color.YCbCrModel:
		return 3
	}
	return 7
}

// still refuses a WebP that moves, and looks at the size of its canvas, which is the
// size the decoder makes room for before it has seen any picture.
func still(b []byte) error {
	if len(b) < 30 || string(b[12:16]) != "VP8X" {
		return nil
	}
	const moves = 0x02
	if b[20]&moves != 0 {
		return refuse("media.kind", "a picture that moves")
	}
	w, h := le24(b[24:])+1, le24(b[27:])+1
	if w > mostSide || h > mostSide || w*h > mostPixels {
		return refuse("media.pixels", "a canvas of %d × %d", w, h)
	}
	return nil
}

func le24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

// scans counts the scans a JPEG decoder is given, and stops it after too many: a scan
// of a few bytes makes it go over all of a picture. Other formats hold the two bytes by
// chance, so it counts only behind a JPEG's first two.
type scans struct {
	io.Reader
	begun, jpeg bool
	last        byte
	n           int
}

var errScans = errors.New("too many scans")

func (s *scans) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if !s.begun && n >= 2 {
		s.begun, s.jpeg = true, p[0] == 0xff && p[1] == 0xd8
	}
	if !s.jpeg || n == 0 {
		return n, err
	}
	if s.last == 0xff && p[0] == 0xda {
		s.n++
	}
	s.n += bytes.Count(p[:n], []byte{0xff, 0xda})
	s.last = p[n-1]
	if s.n > mostScans {
		return 0, errScans
	}
	return n, err
}

// encode writes a picture: as a JPEG, or as a PNG if it has few colours and is smaller.
func encode(m *image.RGBA) (string, []byte, error) {
	var asJPEG bytes.Buffer
	if err := jpeg.Encode(&asJPEG, m, &jpeg.Options{Quality: quality}); err != nil {
		return "", nil, broken("a picture that cannot be drawn")
	}
	if few := palette(m); few != nil {
		var asPNG bytes.Buffer
		if err := png.Encode(&asPNG, few); err == nil && asPNG.Len() <= asJPEG.Len() {
			return "image/png", asPNG.Bytes(), nil
		}
	}
	return "image/jpeg", asJPEG.Bytes(), nil
}

// palette draws a picture of few colours with a palette, or returns nil.
func palette(m *image.RGBA) *image.Paletted {
	place := map[[4]uint8]uint8{}
	out := image.NewPaletted(m.Rect, nil)
	var last [4]uint8 // no pixel is that: all of them are opaque
	var at uint8
	for i := range out.Pix {
		c := [4]uint8(m.Pix[4*i : 4*i+4])
		if c != last {
			known, ok := place[c]
			if !ok {
				if len(place) == flat {
					return nil
				}
				known = uint8(len(place))
				place[c] = known
				out.Palette = append(out.Palette, color.RGBA{c[0], c[1], c[2], c[3]})
			}
			at, last = known, c
		}
		out.Pix[i] = at
	}
	return out
}

// cover makes what stands for a picture until somebody taps on it.
func cover(m *image.RGBA) ([]byte, error) {
	small := blur(shrink(m, coverSide))
	for q := 60; q > 0; q -= 20 {
		var out bytes.Buffer
		if err := jpeg.Encode(&out, small, &jpeg.Options{Quality: q}); err != nil {
			return nil, broken("a cover that cannot be drawn")
		}
		if out.Len() <= mostCover {
			return out.Bytes(), nil
		}
	}
	return nil, broken("a cover that is too large")
}
