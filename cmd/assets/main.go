// Command assets builds what browsers fetch: style sheets and scripts are
// bundled and minified by esbuild, every file is named by the hash of its
// content, and text is stored compressed as well. It also writes the table of
// icons that package parts draws inline. It needs no Node and fetches nothing;
// the result is committed, and a test holds it to the sources. The script of the
// page that opens a client's copy is made here too, and of the one that checks a client's
// lines; no server serves them alone.
package main

import (
	"log"
	"os"
	"path/filepath"
)

func main() {
	log.SetFlags(0)
	root := "."
	if _, err := os.Stat("web/assets/css"); err != nil { // run by go generate
		root = "../.."
	}
	if err := run(root); err != nil {
		log.Fatal("assets: ", err)
	}
}

func run(root string) error {
	src := filepath.Join(root, "web", "assets")
	theme, err := defaultTheme()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(src, "css", "theme.css"), theme, 0o644); err != nil {
		return err
	}
	icons, err := iconTable(filepath.Join(src, "icons"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(root, "web", "parts", "icons_gen.go"), icons, 0o644); err != nil {
		return err
	}
	open, err := opener(root)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(root, openerMade), open, 0o644); err != nil {
		return err
	}
	check, err := checker(root)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(root, checkerMade), check, 0o644); err != nil {
		return err
	}
	files, err := build(src)
	if err != nil {
		return err
	}
	return write(filepath.Join(src, "dist"), files)
}

// write replaces dir with the files, each compressed copy beside its original.
func write(dir string, files []file) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	for _, f := range files {
		p := filepath.Join(dir, filepath.FromSlash(f.hashed))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(p, f.body, 0o644); err != nil {
			return err
		}
		if !f.text {
			continue
		}
		br, gz, err := compress(f.body)
		if err != nil {
			return err
		}
		if err := os.WriteFile(p+".br", br, 0o644); err != nil {
			return err
		}
		if err := os.WriteFile(p+".gz", gz, 0o644); err != nil {
			return err
		}
	}
	m, err := manifest(files)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "manifest.json"), m, 0o644)
}
