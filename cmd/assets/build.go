package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/evanw/esbuild/pkg/api"

	"rapport/web/theme"
)

// file is one asset: the name pages use ("css/client.css"), the name it is
// served under, and its bytes.
type file struct {
	name, hashed string
	body         []byte
	text         bool
}

// bundles are the style sheets pages may link; everything else in css/ is a
// part of one.
var bundles = []string{"client.css", "console.css"}

// engines are the oldest browsers served: those a phone of 2020 still gets.
var engines = []api.Engine{
	{Name: api.EngineChrome, Version: "109"},
	{Name: api.EngineSafari, Version: "15.6"},
	{Name: api.EngineFirefox, Version: "115"},
}

// build returns every asset made from the sources in src.
func build(src string) ([]file, error) {
	var files []file
	add := func(name string, body []byte, text bool) {
		files = append(files, file{name, hashed(name, body), body, text})
	}
	fonts, err := read(src, "fonts", "*.woff2")
	if err != nil {
		return nil, err
	}
	for _, f := range fonts {
		add(f.name, f.body, false)
	}
	refer := files // what style sheets may refer to
	for _, name := range bundles {
		b, err := bundle(filepath.Join(src, "css", name), api.FormatDefault)
		if err != nil {
			return nil, err
		}
		for _, f := range refer {
			b = bytes.ReplaceAll(b, []byte("../"+f.name), []byte("/assets/"+f.hashed))
		}
		if bytes.Contains(b, []byte("../")) {
			return nil, fmt.Errorf("css/%s refers to a file that is not an asset", name)
		}
		add("css/"+name, b, true)
	}
	scripts, err := filepath.Glob(filepath.Join(src, "js", "*.js"))
	if err != nil {
		return nil, err
	}
	for _, s := range scripts {
		b, err := bundle(s, api.FormatIIFE)
		if err != nil {
			return nil, err
		}
		add("js/"+filepath.Base(s), b, true)
	}
	words, err := alarms()
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(words)) {
		add(name, words[name], true)
	}
	return files, nil
}

// openerMade is the script of the page that opens a client's copy, and checkerMade that of
// the page that checks a client's lines without us.
const (
	openerMade  = "care/takeaway/opener.min.js"
	checkerMade = "web/verify/page.min.js"
)

// checker builds it. It shares its arithmetic with the pages that are served.
func checker(root string) ([]byte, error) {
	b, err := bundle(filepath.Join(root, "web", "verify", "js", "checker.js"), api.FormatIIFE)
	if err == nil && bytes.Contains(b, []byte("</script")) {
		err = fmt.Errorf("the checker's script cannot stand in a page")
	}
	return b, err
}

// opener builds it, with the licences of those whose work is in it: the page is handed out.
func opener(root string) ([]byte, error) {
	src := filepath.Join(root, "care", "takeaway", "opener")
	b, err := bundle(filepath.Join(src, "opener.js"), api.FormatIIFE)
	if err != nil {
		return nil, err
	}
	licences, err := os.ReadFile(filepath.Join(src, "LICENSES.txt"))
	if err != nil {
		return nil, err
	}
	if bytes.Contains(licences, []byte("*/")) || bytes.Contains(b, []byte("</script")) {
		return nil, fmt.Errorf("the opener's script cannot stand in a page")
	}
	return slices.Concat([]byte("/*!\n"), licences, []byte("*/\n"), b), nil
}

func read(src, dir, pattern string) ([]file, error) {
	names, err := filepath.Glob(filepath.Join(src, dir, pattern))
	if err != nil {
		return nil, err
	}
	var out []file
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			return nil, err
		}
		out = append(out, file{name: path.Join(dir, filepath.Base(n)), body: b})
	}
	return out, nil
}

func bundle(entry string, format api.Format) ([]byte, error) {
	r := api.Build(api.BuildOptions{
		EntryPoints: []string{entry}, Bundle: true, Write: false,
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
		Engines: engines, Format: format, LegalComments: api.LegalCommentsNone,
		Charset:  api.CharsetUTF8,
		External: []string{"*.woff2"}, LogLevel: api.LogLevelSilent,
	})
	if len(r.Errors) > 0 {
		return nil, fmt.Errorf("%s: %s", filepath.Base(entry), strings.Join(api.FormatMessages(r.Errors, api.FormatMessagesOptions{}), "\n"))
	}
	if len(r.Warnings) > 0 {
		return nil, fmt.Errorf("%s: %s", filepath.Base(entry), strings.Join(api.FormatMessages(r.Warnings, api.FormatMessagesOptions{}), "\n"))
	}
	return r.OutputFiles[0].Contents, nil
}

// hashed puts the first 40 bits of the content's SHA-256 into the name.
func hashed(name string, body []byte) string {
	ext := path.Ext(name)
	return strings.TrimSuffix(name, ext) + "." + sum(body)[:10] + ext
}

func sum(body []byte) string {
	s := sha256.Sum256(body)
	return hex.EncodeToString(s[:])
}

func compress(body []byte) (br, gz []byte, err error) {
	var b, g bytes.Buffer
	bw := brotli.NewWriterLevel(&b, brotli.BestCompression)
	if _, err := bw.Write(body); err != nil {
		return nil, nil, err
	}
	if err := bw.Close(); err != nil {
		return nil, nil, err
	}
	gw, err := gzip.NewWriterLevel(&g, gzip.BestCompression)
	if err != nil {
		return nil, nil, err
	}
	if _, err := gw.Write(body); err != nil {
		return nil, nil, err
	}
	err = gw.Close()
	return b.Bytes(), g.Bytes(), err
}

// manifest maps names to hashed names.
func manifest(files []file) ([]byte, error) {
	m := map[string]string{}
	for _, f := range files {
		m[f.name] = f.hashed
	}
	b, err := json.MarshalIndent(m, "", " ")
	return append(b, '\n'), err
}

// defaultTheme is the style sheet of a practice that has chosen no colours; it
// is part of both bundles, so that no page is ever without colours.
func defaultTheme() ([]byte, error) {
	t, err := theme.New(theme.DefaultBrand, theme.DefaultAccent)
	if err != nil {
		return nil, err
	}
	return []byte("/* Code generated by rapport/cmd/assets. DO NOT EDIT. */\n" + t.CSS()), nil
}

// iconTable writes the inner markup of every icon in dir as a Go map.
func iconTable(dir string) ([]byte, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.svg"))
	if err != nil || len(names) == 0 {
		return nil, fmt.Errorf("no icons in %s: %w", dir, err)
	}
	slices.Sort(names)
	var b bytes.Buffer
	b.WriteString("// Code generated by rapport/cmd/assets. DO NOT EDIT.\n\npackage parts\n\nvar icons = map[string]string{\n")
	for _, n := range names {
		raw, err := os.ReadFile(n)
		if err != nil {
			return nil, err
		}
		inner, err := innerSVG(string(raw))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", n, err)
		}
		fmt.Fprintf(&b, "\t%q: %s,\n", strings.TrimSuffix(filepath.Base(n), ".svg"), "`"+inner+"`")
	}
	b.WriteString("}\n")
	return formatted(b.Bytes())
}
