package takeaway

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"strings"

	"rapport/errs"
	"rapport/fhir"
	"rapport/record"
)

// files are the attachments of a chart, each once, whatever names it.
type files struct {
	c    *record.Chart
	all  []piece
	at   map[string]string // the name of a file, by what names it; "" for what is no more
	gone []string
}

func newFiles(c *record.Chart) *files { return &files{c: c, at: map[string]string{}} }

// key is what tells one content from another.
func (a attachment) key() string {
	if id, ok := a.blob(); ok {
		return "blob:" + id
	}
	if a.Data == "" {
		return ""
	}
	return fmt.Sprintf("data:%x", sha256.Sum256([]byte(a.Data)))
}

// find lists what a version of a resource has attached.
func (f *files) find(ctx context.Context, h record.Holding, d *fhir.Doc) error {
	return attachmentsIn(d.Root(), func(a attachment) error {
		k := a.key()
		if _, known := f.at[k]; known || k == "" {
			return nil
		}
		p := piece{kind: a.media()}
		id, blob := a.blob()
		if blob {
			if gone, err := f.isGone(ctx, id); gone || err != nil {
				f.at[k] = ""
				f.gone = append(f.gone, h.Type+"/"+h.ID)
				return err
			}
			p.packed = !strings.HasPrefix(p.kind, "text/")
			p.pour = func(ctx context.Context, w io.Writer) error { return f.pourBlob(ctx, w, id) }
		} else {
			if _, err := a.decode(); err != nil {
				return nil //nolint:nilerr // it stands in the bundle as it came, and nobody can open it
			}
			p.pour = func(ctx context.Context, w io.Writer) error { return f.pourData(ctx, w, h, k) }
		}
		p.name = fmt.Sprintf("files/%04d%s", len(f.all)+1, ending(p.kind))
		f.at[k] = p.name
		f.all = append(f.all, p)
		return nil
	})
}

// isGone reports that the content of an attachment is kept no longer.
func (f *files) isGone(ctx context.Context, id string) (bool, error) {
	r, err := f.c.Attached(ctx, id)
	if errs.Is(err, errs.NotFound) || errs.Is(err, errs.Gone) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return false, r.Close()
}

// named returns the file that an attachment is; false if its content is not in the copy.
func (f *files) named(a attachment) (string, bool) {
	name := f.at[a.key()]
	return name, name != ""
}

func (f *files) pieces() []piece { return f.all }

// pourBlob writes an attachment that is kept apart, a page at a time.
func (f *files) pourBlob(ctx context.Context, w io.Writer, id string) error {
	r, err := f.c.Attached(ctx, id)
	if err != nil {
		return err
	}
	defer r.Close() //nolint:errcheck // it was only read
	return poured(ctx, w, r)
}

// poured copies until the reader of the copy goes away.
func poured(ctx context.Context, w io.Writer, r io.Reader) error {
	buf := make([]byte, 64<<10)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := r.Read(buf)
		if n > 0 {
			if _, werr := w.Write(buf[:n]); werr != nil {
				return werr
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// pourData writes an attachment that lies in its resource.
func (f *files) pourData(ctx context.Context, w io.Writer, h record.Holding, key string) error {
	b, err := f.c.Content(ctx, h)
	if err != nil {
		return err
	}
	d, err := fhir.Parse(b)
	if err != nil {
		return err
	}
	done := false
	err = attachmentsIn(d.Root(), func(a attachment) error {
		if done || a.key() != key {
			return nil
		}
		done = true
		content, err := a.decode()
		if err != nil {
			return err
		}
		return all(w.Write(content))
	})
	if err == nil && !done {
		err = errAttachment
	}
	return err
}

// decode reads the base64 of an attachment, which may have line breaks in it.
func (a attachment) decode() ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.Map(func(r rune) rune {
		if r == ' ' || r == '\n' || r == '\r' || r == '\t' {
			return -1
		}
		return r
	}, a.Data))
}

// media is the type of an attachment without what follows it.
func (a attachment) media() string {
	t, _, err := mime.ParseMediaType(a.Type)
	if err != nil {
		t, _, _ = strings.Cut(a.Type, ";")
	}
	if t = strings.ToLower(strings.TrimSpace(t)); t == "" || strings.ContainsAny(t, "\r\n\x00") {
		return "application/octet-stream"
	}
	return t
}

// endings are what a file's name ends in, by its type.
var endings = map[string]string{
	"application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp", "image/tiff": ".tif", "image/bmp": ".bmp",
	"video/mp4": ".mp4", "video/webm": ".webm", "audio/mpeg": ".mp3", "audio/mp4": ".m4a", "audio/ogg": ".ogg", "audio/webm": ".weba", "audio/wav": ".wav",
	"text/plain": ".txt", "text/markdown": ".txt", "text/csv": ".csv", "text/vtt": ".vtt", "text/calendar": ".ics", "application/rtf": ".rtf", "text/rtf": ".rtf",
	"application/json": ".json", "application/fhir+json": ".json", "application/dicom": ".dcm", "application/zip": ".zip",
}

// ending is what a file's name ends in. What a browser would run, were it opened from
// where the copy is unpacked, is a text to be read.
func ending(kind string) string {
	if e, ok := endings[kind]; ok {
		return e
	}
	if strings.HasSuffix(kind, "html") || strings.HasSuffix(kind, "xml") || strings.HasSuffix(kind, "javascript") || strings.HasPrefix(kind, "text/") {
		return ".txt"
	}
	return ".bin"
}
