package media

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"rapport/errs"
)

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	jpg := asJPEG(t, photo(64, 64))
	png := asPNG(t, photo(64, 64))
	fl := floods(t)
	long := bytes.Repeat([]byte{0xff, 0xda, 0, 8, 1, 1, 0, 1, 1, 0}, 200)
	scan := bytes.Index(jpg, []byte{0xff, 0xda})
	for name, c := range map[string]struct {
		in  []byte
		say string
	}{
		"nothing":                      {nil, "media.empty"},
		"one byte":                     {[]byte("x"), "media.kind"},
		"svg":                          {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), "media.kind"},
		"svg behind a mark":            {[]byte("\xef\xbb\xbf<?xml version=\"1.0\"?><svg/>"), "media.kind"},
		"html":                         {[]byte("<!DOCTYPE html><script>alert(1)</script>"), "media.kind"},
		"html in UTF-16":               {[]byte("\xff\xfe<\x00h\x00t\x00m\x00l\x00>\x00"), "media.kind"},
		"xml":                          {[]byte("<?xml version=\"1.0\"?><a/>"), "media.kind"},
		"a script":                     {[]byte("#!/bin/sh\nrm -rf /\n"), "media.kind"},
		"a program":                    {[]byte("\x7fELF\x02\x01\x01"), "media.kind"},
		"a program for Windows":        {[]byte("MZ\x90\x00\x03"), "media.kind"},
		"zip, office, jar":             {[]byte("PK\x03\x04\x14\x00"), "media.kind"},
		"old office":                   {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "media.kind"},
		"tiff":                         {[]byte("II*\x00\x08\x00\x00\x00"), "media.kind"},
		"bmp":                          {[]byte("BM\x00\x00"), "media.kind"},
		"a paper's sign elsewhere":     {[]byte("x=1;/*%PDF-1.4\n%%EOF"), "media.kind"},
		"a paper cut off":              {[]byte("%PDF-1.4\n1 0 obj"), "media.broken"},
		"a paper that ends long ago":   {append(paper(), make([]byte, 2000)...), "media.broken"},
		"a paper that is an archive":   {append(paper(), "PK\x05\x06"+zeros(18)+"%%EOF"...), "media.kind"},
		"a paper too large":            {append(append([]byte("%PDF-"), make([]byte, mostPaper)...), "%%EOF"...), "media.large"},
		"heic":                         {[]byte(bx("ftyp", "heic", zeros(4), "mif1heic")), "media.heic"},
		"avif":                         {[]byte(bx("ftyp", "avif", zeros(4), "mif1miaf")), "media.heic"},
		"another ISO file":             {[]byte(bx("ftyp", "jp2 ", zeros(4), "jp2 ")), "media.kind"},
		"flac":                         {[]byte("fLaC\x00\x00\x00\x22"), "media.kind"},
		"50000 × 50000":                {fl["50000 × 50000"], "media.pixels"},
		"a png 2147483647 long":        {fl["the longest png"], "media.pixels"},
		"a png without its bytes":      {fl["a png without its bytes"], "media.broken"},
		"a gif's screen":               {fl["a gif's screen"], "media.pixels"},
		"a gif without its bytes":      {fl["a gif without its bytes"], "media.broken"},
		"a jpeg without its bytes":     {fl["a jpeg without bytes"], "media.broken"},
		"a webp's canvas":              {fl["a webp's canvas"], "media.pixels"},
		"a webp that moves":            {[]byte("RIFF\x1e\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00"), "media.kind"},
		"a jpeg cut off":               {jpg[:len(jpg)/2], "media.broken"},
		"a jpeg cut in its head":       {jpg[:30], "media.broken"},
		"a png cut off":                {png[:len(png)/2], "media.broken"},
		"a gif cut off":                {asGIF(t, photo(64, 64))[:900], "media.broken"},
		"a jpeg of 200 scans":          {append(append(bytes.Clone(jpg[:scan]), long...), jpg[scan:]...), "media.broken"},
		"html behind a jpeg's sign":    {[]byte("\xff\xd8\xff<script>alert(1)</script>"), "media.broken"},
		"a gif that is an archive":     {[]byte("GIF89aPK\x03\x04" + zeros(50)), "media.broken"},
		"a wav that is cut off":        {wav()[:9000], "media.broken"},
		"a wav of another sound":       {bytes.Replace(wav(), []byte("\x10\x00\x00\x00\x01\x00"), []byte("\x10\x00\x00\x00\x55\x00"), 1), "media.kind"},
		"one piece of sound":           {mp3(1), "media.broken"},
		"a label that covers all":      {[]byte("ID3\x04\x00\x00\x7f\x7f\x7f\x7fabc"), "media.broken"},
		"a sound that breaks off":      {append(mp3(3)[:1200], bytes.Repeat([]byte("<html>"), 400)...), "media.broken"},
		"ogg that is not opus":         {[]byte(oggPage(2, 1, 0, "\x01vorbis"+zeros(30))), "media.kind"},
		"ogg cut off":                  {opus()[:200], "media.broken"},
		"two streams of ogg":           {append(opus(), opus()...), "media.kind"},
		"something behind an ogg":      {append(opus(), "<script>"...), "media.broken"},
		"more than there is room for":  {make([]byte, mostVideo+1), "media.large"},
		"a picture larger than it may": {append(bytes.Clone(jpg), make([]byte, mostPicture)...), "media.large"},
	} {
		_, err := Read(bytes.Clone(c.in))
		if !errs.Is(err, errs.Invalid) || errs.SayOf(err) != c.say {
			t.Errorf("%s: %v says %q, want %q", name, err, errs.SayOf(err), c.say)
		}
	}
}

// TestNothingInsideComesAlong sends pictures that are something else as well.
func TestNothingInsideComesAlong(t *testing.T) {
	t.Parallel()
	jpg, gif := asJPEG(t, photo(64, 64)), asGIF(t, photo(64, 64))
	png := asPNG(t, photo(64, 64))
	for name, in := range map[string][]byte{
		"a page in a comment":   segment(jpg, 0xfe, "<script>alert(1)</script>"),
		"a page behind a jpeg":  append(bytes.Clone(jpg), "<script>alert(1)</script>"...),
		"an archive behind it":  append(bytes.Clone(jpg), "PK\x03\x04"+zeros(40)...),
		"GIFAR":                 append(bytes.Clone(gif), "PK\x03\x04"+zeros(40)...),
		"a paper in a comment":  segment(jpg, 0xfe, "%PDF-1.4\n"),
		"a place in XMP":        segment(jpg, 0xe1, "http://ns.adobe.com/xap/1.0/\x00"+secret),
		"text in a png":         append(append(bytes.Clone(png[:33]), pngChunk("tEXt", "Comment\x00<script>"+secret)...), png[33:]...),
		"Exif with an odd tail": segment(jpg, 0xe1, "Exif\x00\x00II*\x00\xff\xff\xff\xff"),
	} {
		p, err := Read(in)
		if err != nil || p.Kind != Picture {
			t.Errorf("%s: %v", name, err)
		}
		clean(t, name, p)
		if bytes.Contains(p.Body, []byte("%PDF-")) {
			t.Errorf("%s: the paper came along", name)
		}
	}
}

func TestAnErrorRepeatsNothing(t *testing.T) {
	t.Parallel()
	for _, in := range [][]byte{[]byte(secret), []byte("%PDF-" + secret), []byte(bx("ftyp", "isom", secret+secret)), []byte("OggS" + secret), []byte("\x1a\x45\xdf\xa3" + secret)} {
		_, err := Read(in)
		var e *errs.Error
		if !errors.As(err, &e) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%v", err)
		}
	}
	if _, err := Words(secret, 3); err == nil || strings.Contains(err.Error(), "SECRET") {
		t.Errorf("%v", err)
	}
}

// TestAnyCutOrFlipIsSurvived cuts every sample everywhere and turns its bytes over.
func TestAnyCutOrFlipIsSurvived(t *testing.T) {
	t.Parallel()
	for name, in := range samples(t) {
		for n := range in {
			if n > 3000 {
				break
			}
			try(t, name, in[:n])
			for _, x := range []byte{0xff, 0x80, 0x01} {
				b := bytes.Clone(in)
				b[n] ^= x
				try(t, name, b)
			}
		}
	}
}

// try reads some bytes and holds what is promised of any.
func try(t testing.TB, name string, in []byte) {
	t.Helper()
	p, err := Read(bytes.Clone(in))
	switch {
	case err != nil:
		if !errs.Is(err, errs.Invalid) || !strings.HasPrefix(errs.SayOf(err), "media.") || p.Kind != 0 || p.Body != nil {
			t.Fatalf("%s: %v says %q", name, err, errs.SayOf(err))
		}
	case p.Kind == 0 || p.Kind > Paper || p.Type == "" || len(p.Body) == 0 || p.Seconds < 0 || p.Width < 0 || p.Height < 0:
		t.Fatalf("%s: %+v", name, p)
	case p.Kind == Picture && (len(p.Thumb) == 0 || len(p.Thumb) > mostCover || max(p.Width, p.Height) > longSide):
		t.Fatalf("%s: a cover of %d bytes, a picture of %d×%d", name, len(p.Thumb), p.Width, p.Height)
	case p.Kind != Picture && len(p.Body) > len(in):
		t.Fatalf("%s: it grew", name)
	default: // what was taken is taken again, and does not change any more
		again, err := Read(bytes.Clone(p.Body))
		if err != nil || again.Kind != p.Kind || again.Type != p.Type && p.Kind != Picture || again.Kind != Picture && !bytes.Equal(again.Body, p.Body) {
			t.Fatalf("%s: taken once as %s and then as %s: %v", name, p.Type, again.Type, err)
		}
	}
}

func samples(t testing.TB) map[string][]byte {
	return map[string][]byte{
		"jpeg": segment(asJPEG(t, photo(9, 9)), 0xe1, "Exif\x00\x00"+exif(binary.BigEndian, 6)), "png": asPNG(t, photo(5, 5)), "gif": asGIF(t, photo(1, 1)),
		"mp4": film("isom", pictures, places), "m4a": film("M4A ", voice), "webm": webm("webm", el, open, clipTrack(1, "V_VP9")),
		"ogg": opus(), "mp3": mp3(2), "pdf": paper(), "wav": append([]byte("RIFF\x2e\x00\x00\x00"), wav()[8:36]...),
		"webp": []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"),
	}
}
