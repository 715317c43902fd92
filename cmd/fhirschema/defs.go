package main

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"sort"
	"strings"
)

// defs is what we take from the package.
type defs struct {
	structures []structure
	params     []param
	valueSets  map[string]valueSet
	systems    map[string]codeSystem
	members    []member // the patient compartment
}

type structure struct {
	ID, URL, Kind, Derivation, BaseDefinition string
	Abstract                                  bool
	Snapshot                                  struct{ Element []element }
}

type element struct {
	Path             string
	Min              int
	Max              string
	ContentReference string
	Type             []struct {
		Code          string
		TargetProfile []string
	}
	Binding *struct{ Strength, ValueSet string }
}

type param struct {
	ID, URL, Code, Type, Expression string
	Base                            []string
	Component                       []struct{ Definition, Expression string }
}

type concept struct {
	Code    string
	Concept []concept
}

type valueSet struct {
	URL     string
	Compose struct {
		Include []include
		Exclude []include
	}
}

type include struct {
	System   string
	Concept  []concept
	Filter   []json.RawMessage
	ValueSet []string
}

type codeSystem struct {
	URL, Content string
	Concept      []concept
}

type member struct {
	Code  string
	Param []string
}

func readPackage(file string) (*defs, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		return nil, err
	}
	d := &defs{valueSets: map[string]valueSet{}, systems: map[string]codeSystem{}}
	for t := tar.NewReader(z); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		kind, _, _ := strings.Cut(path.Base(h.Name), "-")
		switch kind {
		case "StructureDefinition", "SearchParameter", "ValueSet", "CodeSystem", "CompartmentDefinition":
		default:
			continue
		}
		b, err := io.ReadAll(t)
		if err != nil {
			return nil, err
		}
		if err := d.add(kind, path.Base(h.Name), b); err != nil {
			return nil, fmt.Errorf("%s: %w", h.Name, err)
		}
	}
	sort.Slice(d.structures, func(i, j int) bool { return d.structures[i].URL < d.structures[j].URL })
	sort.Slice(d.params, func(i, j int) bool { return d.params[i].ID < d.params[j].ID })
	if len(d.structures) == 0 || len(d.members) == 0 {
		return nil, errors.New("not the R4 core package")
	}
	return d, nil
}

func (d *defs) add(kind, name string, b []byte) error {
	switch kind {
	case "StructureDefinition":
		var s structure
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		if s.Derivation != "constraint" && s.Kind != "logical" && s.ID != "" {
			d.structures = append(d.structures, s)
		}
	case "SearchParameter":
		var p param
		if err := json.Unmarshal(b, &p); err != nil {
			return err
		}
		// The package carries a few examples among the definitions.
		if !strings.HasPrefix(p.ID, "example") && p.Expression != "" && p.Type != "special" {
			d.params = append(d.params, p)
		}
	case "ValueSet":
		var v valueSet
		if err := json.Unmarshal(b, &v); err != nil {
			return err
		}
		d.valueSets[v.URL] = v
	case "CodeSystem":
		var c codeSystem
		if err := json.Unmarshal(b, &c); err != nil {
			return err
		}
		d.systems[c.URL] = c
	case "CompartmentDefinition":
		if name != "CompartmentDefinition-patient.json" {
			return nil
		}
		var c struct{ Resource []member }
		if err := json.Unmarshal(b, &c); err != nil {
			return err
		}
		d.members = c.Resource
	}
	return nil
}

// expand lists the codes of a value set by system, or nil when they cannot be
// listed from the package alone (filters, outside code systems, too many).
func (d *defs) expand(url string, depth int) map[string][]string {
	v, ok := d.valueSets[url]
	if !ok || depth > 5 || len(v.Compose.Exclude) > 0 {
		return nil
	}
	out, total := map[string][]string{}, 0
	var take func(system string, cs []concept)
	take = func(system string, cs []concept) {
		for _, c := range cs {
			out[system] = append(out[system], c.Code)
			total++
			take(system, c.Concept)
		}
	}
	for _, inc := range v.Compose.Include {
		if len(inc.Filter) > 0 || (inc.System != "" && len(inc.ValueSet) > 0) || len(inc.ValueSet) > 1 {
			return nil
		}
		for _, w := range inc.ValueSet {
			sub := d.expand(strings.SplitN(w, "|", 2)[0], depth+1)
			if sub == nil {
				return nil
			}
			for s, codes := range sub {
				out[s] = append(out[s], codes...)
				total += len(codes)
			}
		}
		switch {
		case inc.Concept != nil:
			take(inc.System, inc.Concept)
		case inc.System != "":
			c, ok := d.systems[inc.System]
			if !ok || c.Content != "complete" {
				return nil
			}
			take(inc.System, c.Concept)
		}
	}
	if total == 0 || total > 3000 {
		return nil
	}
	return out
}
