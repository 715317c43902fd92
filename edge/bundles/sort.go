package bundles

import (
	"strings"

	"rapport/fhir"
)

// depth is how many resources may stand between one and the person it is about.
const depth = 4

// sort finds whom every entry is about.
func (b *batch) sort() {
	var orphans []*entry
	b.each(func(e *entry) bool {
		of, _ := fhir.Compartment(e.doc)
		switch {
		case len(of) > 1:
			b.refuse(e, "is about more than one person")
			return false
		case len(of) == 1 && e.typ != "Patient" && b.elsewhere(e, of[0]):
			b.refuse(e, "is about a person on another server: give a Bundle with that Patient in it")
			return false
		case len(of) == 1:
			e.client = of[0]
		case fhir.PracticeWide(e.typ):
			e.isShare = true
		default:
			orphans = append(orphans, e)
		}
		return true
	})
	if len(orphans) > 0 {
		b.adopt(orphans)
	}
}

// elsewhere reports whether an entry names a person of another server than its
// own or the Bundle's: there, the same id may be somebody else.
func (b *batch) elsewhere(e *entry, person string) bool {
	if isUUID(person) {
		return false // nobody gives one twice
	}
	if p := b.byAddress["Patient/"+person]; p != nil && p.base != e.base && p.base != "" && e.base != "" {
		return true
	}
	foreign := false
	for _, r := range e.doc.References() {
		_, typ, id := cutURL(r.Text)
		if typ == "Patient" && id == person {
			foreign = true
		}
		if seg := strings.Split(r.Text, "/"); len(seg) > 1 && seg[0] == "Patient" && seg[1] == person {
			return false
		}
	}
	return foreign
}

// adopt finds whom entries are about that name no person themselves: through
// what they point at, or else through what points at them.
func (b *batch) adopt(orphans []*entry) {
	links := b.links()
	settle(orphans, links, b.persons)
	back := map[*entry][]*entry{}
	for from, tos := range links {
		for _, to := range tos {
			back[to] = append(back[to], from)
		}
	}
	settle(orphans, back, nil)
	lost := map[*entry]string{}
	for _, e := range orphans {
		switch {
		case e.client == several:
			lost[e] = "belongs to more than one person, through what it is connected with"
		case e.client != "":
		case e.typ == "Device":
			e.isShare = true // nobody's own: the practice's
		case b.lines:
			lost[e] = "names no person; if what it belongs to does, give them together in a Bundle"
		default:
			lost[e] = "is about nobody: it names no person, and is not something a practice shares"
		}
	}
	b.each(func(e *entry) bool {
		why, is := lost[e]
		if is {
			e.client = ""
			b.refuse(e, why)
		}
		return !is
	})
}

// several stands for more than one person; no id looks like it.
const several = "\x00"

// settle gives orphans the person of what they are linked to, and of what they
// point at by themselves.
func settle(orphans []*entry, links map[*entry][]*entry, persons func(*entry) []string) {
	for range depth {
		found := map[*entry]string{} // seen together, so that the order does not matter
		add := func(e *entry, who string) {
			switch {
			case who == "" || who == found[e]:
			case found[e] == "":
				found[e] = who
			default:
				found[e] = several
			}
		}
		for _, e := range orphans {
			if e.client != "" {
				continue
			}
			for _, to := range links[e] {
				add(e, to.client)
			}
			if persons != nil {
				for _, who := range persons(e) {
					add(e, who)
				}
			}
		}
		if len(found) == 0 {
			return
		}
		for e, who := range found {
			e.client = who
		}
	}
}

// persons returns whom an entry points at by any reference: a List its item, a
// Binary its securityContext, which R4's compartments leave out.
func (b *batch) persons(e *entry) (out []string) {
	for _, r := range e.doc.References() {
		if seg := strings.Split(r.Text, "/"); len(seg) > 1 && seg[0] == "Patient" && !b.elsewhere(e, seg[1]) {
			out = append(out, seg[1])
		}
	}
	return out
}

// links returns which entries of the batch each one points at: by references,
// and by the addresses of attachments.
func (b *batch) links() map[*entry][]*entry {
	if b.lines {
		return nil // lines meet in a batch by chance, and chance must not decide
	}
	out := make(map[*entry][]*entry, len(b.entries))
	for _, e := range b.entries {
		add := func(ref string) {
			if to := b.byAddress[ref]; to != nil && to != e && !to.isShare {
				out[e] = append(out[e], to)
			}
		}
		for _, r := range e.doc.References() {
			add(r.Text)
		}
		attachments(e.doc.Root(), func(url string) {
			if _, typ, id := cutURL(url); typ != "" {
				if to := b.byURL[url]; to == nil || to.id != id {
					return
				}
				url = typ + "/" + id
			}
			add(url)
		})
	}
	return out
}

// attachments calls f with the url of every attachment below n.
func attachments(n fhir.Node, f func(url string)) {
	for c := range n.Children() {
		if c.Type() == "Attachment" {
			if u := c.Get("url").Str(); strings.Contains(u, "/") {
				f(u)
			}
			continue
		}
		attachments(c, f)
	}
}

// present checks that the person an entry is about is here, or comes with it.
func (b *batch) present(e *entry) bool {
	if e.isShare {
		return true
	}
	p := b.byAddress["Patient/"+e.client]
	if b.torn[e.client] || (p == nil || b.lines) && b.im.disputed(e.client) {
		b.refuse(e, disputedPerson)
		return false
	}
	if p != nil && !p.out {
		return true
	}
	if _, known := b.im.dir.ByPerson(e.client); known {
		return true
	}
	b.wait(e, "is about a person who is not here: import the file with that Patient too")
	return false
}

const disputedPerson = "is about a person whose id somebody else has: nothing about either can be told apart, so nothing was taken"
