package several_test

import (
	"slices"
	"strings"
	"testing"

	"rapport/care/several"
	"rapport/record"
	"rapport/web/webtest"
)

func TestASeriesIsBookedWithOnePress(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, several.Routes()...)
	me := "/me/" + string(h.Ada) + "/visits/series"
	ada := h.As("ada")
	ada.Get(me).Is(200).HasNot("button[name=pick]").Has("select[name=n] option[value='6'][selected]")
	ada.Get(me + "?service=hidden").Is(200).HasNot("button[name=pick]")
	p := ada.Get(me + "?service=review&n=3").Is(200).Says("10:00, Dr Lena Ortiz")
	v := p.Form("form[method=post]:has(input[name=key])")
	v.Set("pick", "physician inperson 2026-11-26T10:00:00Z")
	p.Has("button[name=pick][value='" + v.Get("pick") + "']")
	ada.Post(me, v).Is(303)
	ada.Post(me, v).Is(303) // pressed twice
	c, err := h.Vault.Open(t.Context(), ada.Actor(), record.Booking, h.Ada, record.Visits)
	if err != nil {
		t.Fatal(err)
	}
	found, err := c.Find(t.Context(), "Appointment", "status", "booked", "date", "ge2026-11-26", "_sort", "date")
	found = slices.DeleteFunc(found, func(f record.Found) bool { return !strings.Contains(string(f.JSON), `"review"`) })
	if err != nil || len(found) != 3 {
		t.Fatalf("%d are booked, %v", len(found), err)
	}
	for i, day := range []string{"2026-11-26", "2026-12-03", "2026-12-10"} {
		if !strings.Contains(string(found[i].JSON), day) {
			t.Errorf("visit %d is %s, want %s", i, found[i].JSON, day)
		}
	}
	ada.Get(me + "?service=review&n=3").HasNot("button[name=pick][value='" + v.Get("pick") + "']")
	v.Set("key", "another")
	h.As("bob").Post("/me/"+string(h.Bob)+"/visits/series", v).Is(422).Has(".flash")
	for _, bad := range []string{"", "physician", "physician inperson never", "physician none 2026-11-26T10:00:00Z"} {
		v.Set("pick", bad)
		ada.Post(me, v).Is(400)
	}
	h.As("hana").Get(me).Is(303) // she sees visits, and may not book
}

func TestAFamilyComesOneAfterTheOther(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, several.Routes()...)
	helper := h.Helper("Uma Novak", h.Ada, record.Visits, record.Visits)
	helper.Get("/family/visits").Is(200).Has(".empty", "one person only").HasNot("form[action='/family/visits']") // nothing to put together
	h.Take(helper, h.Ask(h.Bob, record.Grant{Name: "Uma Novak", Reads: record.Visits, Acts: record.Visits}))
	at := "/family/visits?service=jab&who=" + string(h.Ada)
	helper.Get("/family/visits").Is(200).Has("input[name=who]").HasNot("button[name=pick]")
	helper.Get(at).Is(422).Says("Choose two or more")
	p := helper.Get(at+"&who="+string(h.Bob)).Is(200).Has("button[name=pick]", "Priya Raman")
	v := p.Form("form[method=post]:has(input[name=key])")
	v["who"] = []string{string(h.Ada), string(h.Bob)}
	v.Set("pick", p.Attr("button[name=pick]", "value"))
	helper.Post("/family/visits", v).Is(303)
	helper.Post("/family/visits", v).Is(303)
	for who, times := range map[string]int{"ada": 1, "bob": 1} {
		id := h.Subject(who).ID
		c, err := h.Vault.Open(t.Context(), h.As(who).Actor(), record.Booking, h.As(who).Actor().Client(), record.Visits)
		if err != nil {
			t.Fatal(err, id)
		}
		found, err := c.Find(t.Context(), "Appointment", "status", "booked")
		n := 0
		for _, f := range found {
			if strings.Contains(string(f.JSON), `"jab"`) {
				n++
			}
		}
		if err != nil || n != times {
			t.Errorf("%s has %d, want %d (%v)", who, n, times, err)
		}
	}
	v.Set("key", "again")
	helper.Post("/family/visits", v).Is(422).Has(".flash")
	v.Set("pick", "nurse inperson 2026-11-26T09:00:00Z")
	helper.Post("/family/visits", v).Is(400)
}
