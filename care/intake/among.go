package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"rapport/fhir/form"
)

// Instances of a group are told apart by their numbers, and those move up when one before
// them is taken away. A page says how many there were, and what was said in its own.

// among is how many instances there are of each group that a question lies in.
func (f *filling) among(q form.Question) string {
	var out []string
	for n, l := range q.Trail {
		if l.Instance == 0 {
			continue
		}
		seen := map[form.Place]bool{}
		for _, o := range f.sheet.Questions() {
			if len(o.Trail) > n && o.Trail[n].Item == l.Item && (n == 0 || o.Trail[n-1].Place == q.Trail[n-1].Place) {
				seen[o.Trail[n].Place] = true
			}
		}
		out = append(out, strconv.Itoa(len(seen)))
	}
	return strings.Join(out, ".")
}

// card is what was said in the instance a question lies in, without saying it.
func (f *filling) card(q form.Question) string {
	at := instance(q)
	if at == "" {
		return ""
	}
	h := sha256.New()
	for _, o := range f.sheet.Questions() {
		if within(o, at) {
			h.Write([]byte(string(o.Place) + mark(o)))
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}

// shifted reports that an instance was taken away since the page was shown, so that its
// question may be another's by now; or for who takes one away, that more was said in it.
func (f *filling) shifted(q form.Question) bool {
	was, is := strings.Split(f.a.Form("among"), "."), strings.Split(f.among(q), ".")
	if f.a.Form("among") != "" && len(was) == len(is) {
		for n := range was {
			a, err1 := strconv.Atoi(was[n])
			b, err2 := strconv.Atoi(is[n])
			if err1 == nil && err2 == nil && b < a {
				return true
			}
		}
	}
	card := f.a.Form("card")
	return f.a.Form("do") == "remove" && card != "" && card != f.card(q)
}
