package orders_test

import (
	"net/url"
	"testing"

	"rapport/care/orders"
	"rapport/record"
	"rapport/web/webtest"
)

func TestStaffAskAClientToComeAgain(t *testing.T) {
	t.Parallel()
	h := webtest.New(t, orders.Routes()...)
	at := "/clients/" + string(h.Ada) + "/order"
	lena := h.As("physician")
	p := lena.Get(at).Is(200).Has("select[name=who] option[value=physician][selected]").Has("select[name=weeks] option[value='3'][selected]")
	v := url.Values{"key": {p.Attr("input[name=key]", "value")}, "service": {"review"}, "who": {"physician"}, "weeks": {"3"}, "note": {"Bring your readings"}}
	lena.Post(at, v).Is(303)
	lena.Post(at, v).Is(303)
	c, err := h.Vault.Open(t.Context(), h.As("ada").Actor(), record.Booking, h.Ada, record.Visits)
	if err != nil {
		t.Fatal(err)
	}
	os, err := c.Orders(t.Context())
	if err != nil || len(os) != 1 || os[0].After.String() != "2026-12-15" || os[0].Note != "Bring your readings" || os[0].Who != "physician" {
		t.Errorf("ordered %+v, %v", os, err)
	}
	v.Set("key", "other")
	v.Set("service", "jab") // which she does not do
	lena.Post(at, v).Is(422).Has("#service-problem")
	h.As("manager").Get(at).Is(404)
	h.As("ada").Get(at).Is(404)
}
