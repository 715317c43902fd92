package ledger

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Parse reads an entry, refusing fields it does not know. Pages read hundreds of
// entries, so the form we write ourselves is read by hand, about ten times as
// fast; anything else goes through encoding/json, which decides what is wrong
// with it.
func Parse(b []byte) (Entry, error) {
	s := scanner{s: string(b)}
	var e Entry
	if s.object(func(key string) bool { return e.field(&s, key) }) && s.i == len(s.s) {
		return e, nil
	}
	e = Entry{}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&e); err != nil {
		return Entry{}, fmt.Errorf("ledger: entry does not parse: %w", err)
	}
	return e, nil
}

// field reads the value of one key; false for what only encoding/json may judge.
func (e *Entry) field(s *scanner, key string) bool {
	switch key {
	case "v":
		n, ok := s.number()
		e.V = int(n)
		return ok
	case "pseq":
		var ok bool
		e.PSeq, ok = s.number()
		return ok
	case "refused":
		e.Refused = true
		return s.word("true")
	case "instance":
		return s.text(&e.Instance)
	case "time":
		return s.text(&e.Time)
	case "client":
		return s.text(&e.Client)
	case "prev":
		return s.text(&e.Prev)
	case "act":
		return s.text(&e.Act)
	case "purpose":
		return s.text(&e.Purpose)
	case "basis":
		return s.text(&e.Basis)
	case "request":
		return s.text(&e.Request)
	case "how":
		return s.text(&e.How)
	case "at":
		return s.text(&e.At)
	case "whom":
		return s.text(&e.Whom)
	case "gave":
		e.Gave = &Gave{}
		return s.object(func(key string) bool { return e.Gave.field(s, key) })
	case "actor":
		return s.object(func(key string) bool { return e.Actor.field(s, key) })
	case "what":
		return s.list(func() bool {
			e.What = append(e.What, What{})
			w := &e.What[len(e.What)-1]
			return s.object(func(key string) bool { return w.field(s, key) })
		})
	}
	return false
}

func (a *Actor) field(s *scanner, key string) bool {
	switch key {
	case "kind":
		return s.text(&a.Kind)
	case "id":
		return s.text(&a.ID)
	case "name":
		return s.text(&a.Name)
	case "title":
		return s.text(&a.Title)
	}
	return false
}

func (g *Gave) field(s *scanner, key string) bool {
	switch key {
	case "to":
		return s.text(&g.To)
	case "as":
		return s.text(&g.As)
	case "hash":
		return s.text(&g.Hash)
	case "n":
		n, ok := s.number()
		g.N = int(n)
		return ok
	}
	return false
}

func (w *What) field(s *scanner, key string) bool {
	switch key {
	case "part":
		return s.text(&w.Part)
	case "n":
		n, ok := s.number()
		w.N = int(n)
		return ok
	}
	return false
}

// scanner reads JSON without spaces. Its texts share the one string.
type scanner struct {
	s string
	i int
}

func (s *scanner) word(w string) bool {
	if !strings.HasPrefix(s.s[s.i:], w) {
		return false
	}
	s.i += len(w)
	return true
}

// text reads a string without escapes.
func (s *scanner) text(to *string) bool {
	if !s.word(`"`) {
		return false
	}
	plain := true
	for j := s.i; j < len(s.s); j++ {
		switch c := s.s[j]; {
		case c >= utf8.RuneSelf:
			plain = false
		case c == '"':
			*to = s.s[s.i:j]
			s.i = j + 1
			return plain || utf8.ValidString(*to)
		case c == '\\' || c < ' ':
			return false
		}
	}
	return false
}

func (s *scanner) number() (int64, bool) {
	j := s.i
	for j < len(s.s) && s.s[j] >= '0' && s.s[j] <= '9' {
		j++
	}
	if j == s.i || j > s.i+1 && s.s[s.i] == '0' {
		return 0, false
	}
	n, err := strconv.ParseInt(s.s[s.i:j], 10, 64)
	s.i = j
	return n, err == nil
}

// object reads {"key":value,…}; value reads what follows a key. A key twice is
// left to encoding/json, as it is to readers of its own.
func (s *scanner) object(value func(key string) bool) bool {
	if !s.word("{") {
		return false
	}
	if s.word("}") {
		return true
	}
	var keys [16]string // more than an entry has
	seen := keys[:0]
	for {
		var key string
		if !s.text(&key) || slices.Contains(seen, key) || !s.word(":") || !value(key) {
			return false
		}
		seen = append(seen, key)
		if s.word("}") {
			return true
		}
		if !s.word(",") {
			return false
		}
	}
}

func (s *scanner) list(item func() bool) bool {
	if !s.word("[") {
		return false
	}
	for {
		if !item() {
			return false
		}
		if s.word("]") {
			return true
		}
		if !s.word(",") {
			return false
		}
	}
}
