package takeaway

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"rapport/errs"
	"rapport/fhir"
	"rapport/record"
)

const fhirJSON, ndjson = "application/fhir+json", "application/fhir+ndjson"

// fhirPieces are the chart as FHIR: one Bundle of everything, a file for each type, and
// what there was before.
func (x *copying) fhirPieces() []piece {
	out := []piece{
		{name: "fhir/bundle.json", kind: fhirJSON, pour: x.collection},
		{name: "fhir/received.ndjson", kind: "application/x-ndjson", pour: x.received},
	}
	var types []string
	for h := range x.present {
		if !slices.Contains(types, h.Type) {
			types = append(types, h.Type)
		}
	}
	for _, typ := range types {
		out = append(out, piece{name: "fhir/" + typ + ".ndjson", kind: ndjson, pour: x.lines(typ)})
	}
	for range x.past {
		return append(out, piece{name: "history/bundle.json", kind: fhirJSON, pour: x.history})
	}
	return out
}

// collection writes a Bundle (FHIR R4, Bundle: collection) of the newest versions, and of
// what of the practice's own they refer to. Each stands in it as it is kept, to the byte.
func (x *copying) collection(ctx context.Context, w io.Writer) error {
	return x.bundle(w, "collection", func(entry func(typ, id string, resource []byte, rest string) error) error {
		for h := range x.present {
			b, err := x.c.Content(ctx, h)
			if err != nil {
				return err
			}
			if err := entry(h.Type, h.ID, b, ""); err != nil {
				return err
			}
		}
		for _, r := range x.shared {
			if err := entry(r.Type, r.ID, r.JSON, ""); err != nil {
				return err
			}
		}
		return nil
	})
}

// history writes a Bundle (FHIR R4, Bundle: history) of the versions before the newest,
// and of what was deleted.
func (x *copying) history(ctx context.Context, w io.Writer) error {
	return x.bundle(w, "history", func(entry func(typ, id string, resource []byte, rest string) error) error {
		for h := range x.past {
			method, status := "PUT", "200"
			switch {
			case h.Deleted:
				method, status = "DELETE", "204"
			case h.Version == 1:
				status = "201"
			}
			var b []byte
			if !h.Deleted {
				var err error
				if b, err = x.c.Content(ctx, h); err != nil {
					return err
				}
			}
			rest, err := json.Marshal(map[string]any{
				"request":  map[string]string{"method": method, "url": h.Type + "/" + h.ID},
				"response": map[string]string{"status": status, "etag": `W/"` + strconv.FormatInt(h.Version, 10) + `"`, "lastModified": h.Time.Format(time.RFC3339Nano)},
			})
			if err != nil {
				return err
			}
			if err := entry(h.Type, h.ID, b, string(rest[1:len(rest)-1])); err != nil {
				return err
			}
		}
		return nil
	})
}

// bundle writes a Bundle whose entries come one after the other.
func (x *copying) bundle(w io.Writer, kind string, entries func(entry func(typ, id string, resource []byte, rest string) error) error) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, `{"resourceType":"Bundle","type":%q,"timestamp":%q,"entry":[`, kind, x.now.UTC().Format(time.RFC3339))
	comma := ""
	err := entries(func(typ, id string, resource []byte, rest string) error {
		url, err := json.Marshal(x.base + typ + "/" + id)
		if err != nil {
			return err
		}
		fmt.Fprintf(b, "%s\n{\"fullUrl\":%s", comma, url)
		comma = ","
		if resource != nil {
			b.WriteString(`,"resource":`) //nolint:errcheck // Flush tells
			b.Write(resource)             //nolint:errcheck // as above
		}
		if rest != "" {
			b.WriteString("," + rest) //nolint:errcheck // as above
		}
		return b.WriteByte('}')
	})
	if err != nil {
		return err
	}
	b.WriteString("\n]}\n") //nolint:errcheck // as above
	return b.Flush()
}

// lines writes the resources of a type, one to a line.
func (x *copying) lines(typ string) func(context.Context, io.Writer) error {
	return func(ctx context.Context, w io.Writer) error {
		return linesOf(ctx, w, x.present, func(h record.Holding) ([]byte, error) {
			if h.Type != typ {
				return nil, nil
			}
			return x.c.Content(ctx, h)
		})
	}
}

// received writes when the practice took each resource, and which version it is: of that
// a resource itself says nothing.
func (x *copying) received(ctx context.Context, w io.Writer) error {
	return linesOf(ctx, w, x.present, func(h record.Holding) ([]byte, error) {
		return json.Marshal(map[string]any{"resource": h.Type + "/" + h.ID, "version": h.Version, "received": h.Time.Format(time.RFC3339Nano)})
	})
}

// linesOf writes a line for each thing that has one.
func linesOf[T any](ctx context.Context, w io.Writer, things iter.Seq[T], line func(T) ([]byte, error)) error {
	b := bufio.NewWriter(w)
	for t := range things {
		if err := ctx.Err(); err != nil {
			return err
		}
		l, err := line(t)
		if err != nil {
			return err
		}
		if l == nil {
			continue
		}
		b.Write(l)        //nolint:errcheck // Flush tells
		b.WriteByte('\n') //nolint:errcheck // as above
	}
	return b.Flush()
}

// form brings along the form that a response answers, so that its questions are there.
func (x *copying) form(canonical string) {
	url, version, _ := strings.Cut(canonical, "|")
	e, ok := x.c.Library().Form(url, version)
	if !ok || x.wanted[canonical] {
		return
	}
	x.wanted[canonical] = true
	x.shared = append(x.shared, fhir.Resource{Type: "Questionnaire", ID: e.ID, JSON: e.JSON()})
}

// attachmentsIn finds every Attachment beneath an element, and the content of a Binary.
func attachmentsIn(n fhir.Node, found func(attachment) error) error {
	if n.Type() == "Binary" {
		return found(attachment{Type: n.Get("contentType").Str(), Data: n.Get("data").Str()})
	}
	for k := range n.Children() {
		if k.Type() == "Attachment" {
			a := attachment{Type: k.Get("contentType").Str(), Title: k.Get("title").Str(), URL: k.Get("url").Str(), Data: k.Get("data").Str()}
			if err := found(a); err != nil {
				return err
			}
			continue
		}
		if err := attachmentsIn(k, found); err != nil {
			return err
		}
	}
	return nil
}

// attachment is one as a resource names it: its content, or where that is.
type attachment struct{ Type, Title, URL, Data string }

// blob returns the id under which its content is kept apart; false if it is not.
func (a attachment) blob() (string, bool) { return strings.CutPrefix(a.URL, "blob:") }

var errAttachment = errs.E(errs.Internal, "takeaway: an attachment that was listed is not there")
