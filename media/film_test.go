package media

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"rapport/errs"
)

func TestAFilmLosesItsPlacesAndNothingMoves(t *testing.T) {
	t.Parallel()
	small := func(id uint32, parts ...string) string {
		d := strings.Join(parts, "")
		return ident(id) + string([]byte{0x40 | byte(len(d)>>8), byte(len(d))}) + d
	}
	for name, c := range map[string]struct {
		in      []byte
		kind    Kind
		mime    string
		w, h, s int
	}{
		"mp4":                       {film("isom", pictures, voice, places), Video, "video/mp4", 480, 640, 5},
		"a film of a phone":         {film("qt  ", voice, pictures, places), Video, "video/mp4", 480, 640, 5},
		"m4a":                       {film("M4A ", voice, places), Voice, "audio/mp4", 0, 0, 5},
		"a sound nobody plays":      {film("qt  ", pictures, track{"soun", "apac", 39, uint32(len(secret))}), Video, "video/mp4", 480, 640, 5},
		"webm":                      {webm("webm", el, el, clipTrack(1, "V_VP9"), clipTrack(2, "A_OPUS")), Video, "video/webm", 640, 480, 5},
		"webm as browsers write it": {webm("webm", open, open, clipTrack(1, "V_VP8")), Video, "video/webm", 640, 480, 5},
		"webm, sizes of two bytes":  {webm("webm", small, small, clipTrack(1, "V_AV1")), Video, "video/webm", 640, 480, 5},
		"webm to hear":              {webm("webm", open, open, clipTrack(2, "A_OPUS")), Voice, "audio/webm", 0, 0, 5},
		"something behind a webm":   {append(webm("webm", el, el, clipTrack(2, "A_VORBIS")), secret...), Voice, "audio/webm", 0, 0, 5},
		"ogg":                       {opus(), Voice, "audio/ogg", 0, 0, 1},
		"wav":                       {wav(), Voice, "audio/wav", 0, 0, 2},
		"mp3":                       {mp3(80), Voice, "audio/mpeg", 0, 0, 3},
		"paper":                     {paper(), Paper, "application/pdf", 0, 0, 0},
	} {
		p, err := Read(bytes.Clone(c.in))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if p.Kind != c.kind || p.Type != c.mime || p.Width != c.w || p.Height != c.h || p.Seconds != c.s || p.Thumb != nil {
			t.Errorf("%s: %v %s %d×%d %d s", name, p.Kind, p.Type, p.Width, p.Height, p.Seconds)
		}
		if bytes.Contains(p.Body, []byte("SECRET")) {
			t.Errorf("%s: the place is still in it", name)
		}
		if at := bytes.Index(c.in, []byte("picture")); at >= 0 && bytes.Index(p.Body, []byte("picture")) != at {
			t.Errorf("%s: what is played has moved", name)
		}
		if bytes.Contains(p.Body, []byte("\x00\x5e\xc4\xe7")) {
			t.Errorf("%s: when it was made is still in it", name)
		}
	}
}

func TestOggPagesCarryTheirChecksum(t *testing.T) {
	t.Parallel()
	p, err := Read(opus())
	must(t, err)
	page := bytes.Clone(p.Body[bytes.Index(p.Body, []byte("OpusTags"))-28-1:])
	page = page[bytes.Index(page, []byte("OggS")):]
	page = page[:bytes.Index(page[4:], []byte("OggS"))+4]
	had := binary.LittleEndian.Uint32(page[22:])
	seal(page)
	if had == 0 || binary.LittleEndian.Uint32(page[22:]) != had {
		t.Error("the checksum is not the page's")
	}
	var check uint32 // the known answer of CRC-32/POSIX's polynomial without its turns
	for _, x := range []byte("123456789") {
		check = check<<8 ^ crcs[byte(check>>24)^x]
	}
	if check != 0x89a1897f {
		t.Errorf("the checksum of 123456789 is %08x", check)
	}
}

func TestFilmsThatAreRefused(t *testing.T) {
	t.Parallel()
	ftyp := bx("ftyp", "isom", u32(0), "isom")
	whole := string(film("isom", pictures))
	far := track{"meta", "mebx", 1, 1 << 20}
	var deep string
	for range 2000 {
		deep = bx("moov", deep)
	}
	for name, c := range map[string]struct {
		in  string
		say string
	}{
		"cut off":                        {whole[:len(whole)-20], "media.broken"},
		"without its end":                {whole[:60], "media.broken"},
		"nothing but a beginning":        {ftyp, "media.broken"},
		"two films":                      {whole + bx("moov"), "media.broken"},
		"two beginnings":                 {whole + ftyp, "media.broken"},
		"no pictures":                    {ftyp + bx("moov", trak(pictures)), "media.broken"},
		"no track":                       {string(film("isom")), "media.kind"},
		"only places":                    {string(film("isom", places)), "media.kind"},
		"places that are elsewhere":      {string(film("isom", pictures, far)), "media.broken"},
		"films nobody plays":             {string(film("isom", track{"vide", "mp4v", 32, 7})), "media.kind"},
		"places in a film in parts":      {string(film("isom", pictures, places)) + bx("moof", bx("mfhd", zeros(8))), "media.kind"},
		"boxes in boxes":                 {ftyp + bx("mdat", "x") + deep, "media.kind"},
		"a box of no end":                {ftyp + "\x00\x00\x00\x01moov\xff\xff\xff\xff\xff\xff\xff\xff", "media.broken"},
		"a box shorter than its head":    {ftyp + "\x00\x00\x00\x07moovxxxx", "media.broken"},
		"matroska":                       {string(webm("matroska", el, el, clipTrack(1, "V_VP9"))), "media.kind"},
		"webm without tracks":            {string(webm("webm", el, el)), "media.broken"},
		"webm of another codec":          {string(webm("webm", el, el, clipTrack(1, "V_MPEG4/ISO/AVC"))), "media.kind"},
		"webm with texts":                {string(webm("webm", el, el, clipTrack(1, "V_VP9"), clipTrack(0x21, "D_WEBVTT/METADATA"))), "media.kind"},
		"webm, packed":                   {string(webm("webm", el, el, clipTrack(1, "V_VP9", el(idEncodings, "x")))), "media.kind"},
		"webm cut off":                   {string(webm("webm", el, el, clipTrack(1, "V_VP9"))[:300]), "media.broken"},
		"webm cut off, of no known size": {string(webm("webm", open, open, clipTrack(1, "V_VP9"))[:300]), "media.broken"},
		"html behind an open webm":       {string(webm("webm", open, open, clipTrack(1, "V_VP9"))) + "<script>", "media.broken"},
		"ebml and no more":               {"\x1a\x45\xdf\xa3\x80", "media.kind"},
		"ebml of no size":                {"\x1a\x45\xdf\xa3\xff", "media.broken"},
	} {
		_, err := Read([]byte(c.in))
		if errs.SayOf(err) != c.say {
			t.Errorf("%s: %v says %q, want %q", name, err, errs.SayOf(err), c.say)
		}
	}
}

// TestManyTracksCannotBeEmptiedForever holds that the work of emptying is bounded by
// the file, not by what its tables say.
func TestManyTracksCannotBeEmptiedForever(t *testing.T) {
	t.Parallel()
	big := places
	big.at, big.size = 32, 28
	var many []track
	for range 300 {
		many = append(many, big)
	}
	if _, err := Read(film("isom", append(many, pictures)...)); err != nil {
		t.Errorf("many small tracks: %v", err)
	}
	constant := bytes.Replace(film("isom", pictures, places), []byte(u32(0, 0, 1, uint32(len(secret)))), []byte(u32(0, 1, 0xffffffff, 0)), 1)
	if _, err := Read(constant); err != nil && errs.SayOf(err) != "media.broken" {
		t.Errorf("four thousand million samples: %v", err)
	}
}
