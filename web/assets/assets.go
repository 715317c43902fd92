// Package assets holds the style sheets, scripts, fonts and marks that pages
// link to, built beforehand by cmd/assets and embedded. Each is named by its
// content, so it may be kept for ever. It refuses to build, compress or read
// anything from disk while serving.
package assets

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:generate go run rapport/cmd/assets

// Root is the path all assets are under. Mount Handler at "GET " + Root.
const Root = "/assets/"

//go:embed dist
var embedded embed.FS

var (
	dist = sub(embedded)
	byName,
	served = load()
)

// asset is one file with its ready encodings.
type asset struct {
	kind          string
	raw, br, gzip []byte
}

func sub(f fs.FS) fs.FS {
	s, err := fs.Sub(f, "dist")
	if err != nil {
		panic(err)
	}
	return s
}

func load() (map[string]string, map[string]asset) {
	names := map[string]string{}
	b, err := fs.ReadFile(dist, "manifest.json")
	if err != nil {
		panic(err)
	}
	if err := json.Unmarshal(b, &names); err != nil {
		panic(err)
	}
	all := map[string]asset{}
	for _, hashed := range names {
		raw, err := fs.ReadFile(dist, hashed)
		if err != nil {
			panic(err)
		}
		a := asset{kind: kind(hashed), raw: raw}
		a.br, _ = fs.ReadFile(dist, hashed+".br")
		a.gzip, _ = fs.ReadFile(dist, hashed+".gz")
		all[hashed] = a
	}
	return names, all
}

func kind(name string) string {
	switch ext := path.Ext(name); ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".woff2":
		return "font/woff2"
	case ".svg":
		return "image/svg+xml"
	default:
		return mime.TypeByExtension(ext)
	}
}

// Href returns the address of an asset, such as "css/client.css". It panics
// when there is none of that name: that is a mistake in a template, and every
// template is rendered by a test.
func Href(name string) string {
	h, ok := byName[name]
	if !ok {
		panic(fmt.Sprintf("assets: no %q: run go generate ./web/assets", name))
	}
	return Root + h
}

// Size returns how many bytes an asset costs a modern browser: compressed with
// brotli where that was worth it. Tests of page budgets add these up.
func Size(name string) int {
	a := served[strings.TrimPrefix(Href(name), Root)]
	if a.br != nil {
		return len(a.br)
	}
	return len(a.raw)
}

// Raw returns what an asset is, for one that must be served under a name of its own.
func Raw(name string) []byte { return served[strings.TrimPrefix(Href(name), Root)].raw }

// Names returns every asset's name.
func Names() []string {
	var out []string
	for n := range byName {
		out = append(out, n)
	}
	return out
}

// Handler serves every asset under Root, compressed as the browser allows, to
// be kept for ever. Anything else under Root is a 404: there are no listings,
// and the unhashed name of an asset is no address.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := served[strings.TrimPrefix(r.URL.Path, Root)]
		if !ok || !strings.HasPrefix(r.URL.Path, Root) {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", a.kind)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("X-Content-Type-Options", "nosniff")
		body := a.raw
		if a.br != nil {
			h.Set("Vary", "Accept-Encoding")
			switch accept := r.Header.Get("Accept-Encoding"); {
			case accepts(accept, "br"):
				h.Set("Content-Encoding", "br")
				body = a.br
			case accepts(accept, "gzip"):
				h.Set("Content-Encoding", "gzip")
				body = a.gzip
			}
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		if r.Method == http.MethodHead {
			return
		}
		_, _ = w.Write(body)
	})
}

// accepts says whether an Accept-Encoding header takes the coding: it is named
// and not refused with q=0 (RFC 9110, section 12.5.3).
func accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, q, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			continue
		}
		v, found := strings.CutPrefix(strings.ReplaceAll(q, " ", ""), "q=")
		if !found {
			return true
		}
		weight, err := strconv.ParseFloat(v, 64)
		return err == nil && weight > 0
	}
	return false
}
