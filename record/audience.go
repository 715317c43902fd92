package record

import (
	"net/url"
	"sync"

	"rapport/account"
	"rapport/fhir"
	"rapport/fhir/search"
	"rapport/fhir/thread"
	"rapport/record/internal/policy"
)

// Of what was written to and fro not everything is for everybody who may read messages:
// what staff say to each other is not for clients, what is no business of the front desk
// is not for it, and a sealed thread is for the people it names. What is not for
// somebody is absent: not counted and not found.

const communication = "Communication"

// marked returns the question whether a Communication carries a category of ours.
func marked(code string) func() *search.Query {
	return sync.OnceValue(func() *search.Query { return messageQuery("category", thread.System+"|"+code) })
}

var (
	isNote   = marked(thread.Note.String())
	isDesk   = marked(thread.Desk)
	isSealed = marked(thread.Sealed)
)

func messageQuery(name, value string) *search.Query {
	q, err := search.Parse(communication, url.Values{name: {value}})
	if err != nil {
		panic("record: a question of ours that does not parse: " + err.Error())
	}
	return q
}

// isSealedThread reports that a facet is of something in a sealed thread.
func isSealedThread(f []byte) bool {
	return fhir.FacetType(f) == communication && isSealed().MatchAt(f, 0)
}

// notFor reports that a facet is of something written that is not for this actor.
func (c *Chart) notFor(f []byte) bool {
	if fhir.FacetType(f) != communication || c.looker().Kind == account.System || c.why == Vouching {
		return false
	}
	staff := c.looker().Kind == account.Staff
	is := func(q *search.Query) bool { return q.MatchAt(f, 0) }
	switch {
	case is(isNote()) && !staff, c.desk && !is(isDesk()):
		return true
	case !is(isSealed()):
		return false
	case staff:
		return !is(messageQuery("recipient", "Practitioner/"+c.looker().ID))
	}
	return c.basis != policy.IsTheirs
}
