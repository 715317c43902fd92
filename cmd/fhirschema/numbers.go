package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// numbers are the append-only lists: a name's number is its line, from 1.
type numbers struct {
	dir                    string
	types, params, systems []string
}

func readNumbers(dir string) (*numbers, error) {
	n := &numbers{dir: dir}
	for name, to := range map[string]*[]string{"types": &n.types, "params": &n.params, "systems": &n.systems} {
		b, err := os.ReadFile(filepath.Join(dir, name+".txt"))
		if err != nil && !os.IsNotExist(err) {
			return nil, err
		}
		*to = strings.Fields(string(b))
		seen := map[string]bool{}
		for _, x := range *to {
			if seen[x] {
				return nil, fmt.Errorf("%s.txt: %s twice", name, x)
			}
			seen[x] = true
		}
	}
	return n, nil
}

// cover makes sure that everything has a number.
func (n *numbers) cover(s *schema, d *defs, grow bool) error {
	var params, systems []string
	for _, p := range d.params {
		params = append(params, p.Code)
	}
	for u := range d.systems {
		systems = append(systems, u)
	}
	for _, x := range []struct {
		name string
		list *[]string
		want []string
	}{{"types", &n.types, s.resources()}, {"params", &n.params, params}, {"systems", &n.systems, systems}} {
		have := map[string]bool{}
		for _, l := range *x.list {
			have[l] = true
		}
		sort.Strings(x.want)
		was := len(*x.list)
		for _, w := range x.want {
			if w != "" && !have[w] && !strings.ContainsAny(w, " \t\n") {
				have[w] = true
				*x.list = append(*x.list, w)
			}
		}
		if len(*x.list) == was {
			continue
		}
		if !grow {
			return fmt.Errorf("%s.txt lacks %s (and %d more): run with -append", x.name, (*x.list)[was], len(*x.list)-was-1)
		}
		if err := os.WriteFile(filepath.Join(n.dir, x.name+".txt"), []byte(strings.Join(*x.list, "\n")+"\n"), 0o644); err != nil {
			return err
		}
	}
	return nil
}
