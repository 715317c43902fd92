package web

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"rapport/account"
	"rapport/errs"
	"rapport/lang"
	"rapport/record"
	"rapport/web/parts"
)

// noticePages are the pages about how somebody is told that there is something.
func (s *Server) noticePages() []Route {
	return []Route{
		{Pattern: "GET /account/notices", Why: record.Entering, Open: s.showNotices},
		{Pattern: "POST /account/notices", Why: record.Entering, Open: s.setNotices},
		{Pattern: "POST /account/notices/device", Why: record.Entering, Open: s.addDevice},
		{Pattern: "POST /account/notices/device/drop", Why: record.Entering, Open: s.dropDevice},
	}
}

// noticesView is the page.
type noticesView struct {
	accountView
	Key     string // by which push services know this practice
	Browser []deviceView
	Phone   parts.FieldView
	Groups  []groupView
	From    []parts.Option
	Till    []parts.Option
	Digest  bool
	Named   bool
	Done    bool
	Lately  []parts.RowView
}

// groupView is how somebody wants to hear of one sort of thing.
type groupView struct {
	Text string
	Ways []parts.CheckView
}

var groupWords = map[string]func(lang.Printer) string{
	"messages": lang.Printer.NoticesGMessages, "visits": lang.Printer.NoticesGVisits, "forms": lang.Printer.NoticesGForms, "plan": lang.Printer.NoticesGPlan, "work": lang.Printer.NoticesGWork,
}

var wayWords = []struct {
	way  string
	text func(lang.Printer) string
}{{account.ByPush, lang.Printer.NoticesByPush}, {"mail", lang.Printer.NoticesByMail}, {account.ByText, lang.Printer.NoticesByText}}

func wayText(p lang.Printer, way string) string {
	for _, w := range wayWords {
		if w.way == way {
			return w.text(p)
		}
	}
	return way
}

// heard are the groups that somebody hears of.
func heard(who account.Actor) []string {
	if who.Kind() == account.Staff {
		return []string{"work"}
	}
	return slices.DeleteFunc(slices.Clone(record.Groups), func(g string) bool { return g == "work" })
}

func (s *Server) showNotices(a *Ask) (Answer, error) {
	if a.Who.Kind() == account.Nobody {
		return Answer{}, errNobody
	}
	n, err := s.cfg.Vault.Notices(a.Context(), a.Who)
	if err != nil {
		return Answer{}, err
	}
	v, err := s.noticesView(a, n)
	v.Done = a.Query("did") == "saved"
	return Page(noticesPage(v)), err
}

func (s *Server) noticesView(a *Ask, n record.Notices) (noticesView, error) {
	v := noticesView{accountView: s.accountView(a, a.P.NoticesTitle()), Digest: n.Digest, Named: n.Named}
	v.Shell.Scripts = append(v.Shell.Scripts, "js/push.js")
	key, err := s.cfg.Vault.PushKey()
	if err != nil {
		return v, err
	}
	v.Key = base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes())
	for i, d := range n.Devices {
		name := d.Name
		if name == "" {
			name = a.P.NoticesDeviceName()
		}
		v.Browser = append(v.Browser, deviceView{ID: strconv.Itoa(i), Name: name, Text: a.P.NoticesDeviceSince(a.P.Date(a.Local(d.Since), a.Now))})
	}
	v.Phone = parts.FieldView{P: a.P, Name: "phone", Type: "tel", Label: a.P.NoticesPhone(), Hint: a.P.NoticesPhoneHint(), Value: n.Phone, Autocomplete: "tel", MaxLength: 30}
	for _, g := range heard(a.Who) {
		x := groupView{Text: groupWords[g](a.P)}
		for _, w := range wayWords {
			x.Ways = append(x.Ways, parts.CheckView{Name: "want", Value: g + "/" + w.way, Text: w.text(a.P), Chosen: !slices.Contains(n.Off, g+"/"+w.way)})
		}
		v.Groups = append(v.Groups, x)
	}
	v.From, v.Till = quietHours(a, n.From, n), quietHours(a, n.To, n)
	for _, one := range n.Lately {
		if text := toldOf(a.P, one.Kind); text != "" {
			v.Lately = append(v.Lately, parts.RowView{Icon: "bell", Title: text, Text: rungs(a, one), Meta: a.P.Date(a.Local(one.Made), a.Now)})
		}
	}
	return v, nil
}

// quietHours are the hours of the day to choose from; none of them is never quiet.
func quietHours(a *Ask, chosen int, n record.Notices) []parts.Option {
	out := []parts.Option{{Value: "", Text: a.P.NoticesNever(), Chosen: n.From == n.To}}
	for h := range 24 {
		out = append(out, parts.Option{Value: strconv.Itoa(h * 60), Text: fmt.Sprintf("%02d:00", h), Chosen: n.From != n.To && chosen == h*60})
	}
	return out
}

// toldOf is what a notice was about, as far as its group says.
func toldOf(p lang.Printer, kind string) string {
	if g, ok := groupWords[record.GroupOf(kind)]; ok {
		return g(p)
	}
	return noted(p, kind)
}

// rungs says how far a notice came, way by way.
func rungs(a *Ask, one record.Notice) string {
	var out []string
	for _, r := range one.Rungs {
		at := a.Local(r.At)
		way, when := wayText(a.P, r.By), a.P.AccountWhen(a.P.Date(at, a.Now), a.P.Clock(at))
		switch {
		case r.State == record.RungLost:
			out = append(out, a.P.NoticesLost(way))
		case r.State == record.RungWait && r.At.After(a.Now):
			out = append(out, a.P.NoticesWaits(way, when))
		default:
			out = append(out, a.P.NoticesSent(way, when))
		}
	}
	if !one.Seen.IsZero() {
		out = append(out, a.P.NoticesSeen())
	}
	return strings.Join(out, " · ")
}

func (s *Server) setNotices(a *Ask) (Answer, error) {
	if a.Who.Kind() == account.Nobody {
		return Answer{}, errNobody
	}
	var kept record.Notices
	err := s.cfg.Vault.SetNotices(a.Context(), a.Who, func(n *record.Notices) error {
		n.Phone = strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", ".", "").Replace(a.Form("phone"))
		n.Digest, n.Named = a.Form("digest") != "", a.Form("named") != ""
		from, err1 := strconv.Atoi(a.Form("from"))
		to, err2 := strconv.Atoi(a.Form("to"))
		if err1 != nil || err2 != nil {
			from, to = 0, 0
		}
		n.From, n.To, n.Off = from, to, nil
		if z := a.Form("zone"); z != "" {
			n.Zone = z
		}
		for _, g := range heard(a.Who) {
			for _, w := range wayWords {
				if x := g + "/" + w.way; !slices.Contains(a.FormAll("want"), x) {
					n.Off = append(n.Off, x)
				}
			}
		}
		kept = *n
		return nil
	})
	if errs.Is(err, errs.Invalid) {
		v, verr := s.noticesView(a, kept)
		if verr != nil {
			return Answer{}, verr
		}
		v.Phone.Problem = a.P.NoticesPhoneWrong()
		return Wrong(noticesPage(v)), nil
	}
	if err != nil {
		return Answer{}, err
	}
	return See("/account/notices?did=saved"), nil
}

// addDevice takes what the browser gave to be pushed to.
func (s *Server) addDevice(a *Ask) (Answer, error) {
	if a.Who.Kind() == account.Nobody {
		return Answer{}, errNobody
	}
	var sub struct {
		Endpoint string
		Keys     struct{ P256dh, Auth string }
		Name     string
		Zone     string
	}
	if err := json.Unmarshal(a.json, &sub); err != nil {
		return Answer{}, errs.E(errs.Invalid, "web: not a subscription to pushes")
	}
	err := s.cfg.Vault.SetNotices(a.Context(), a.Who, func(n *record.Notices) error {
		n.AddDevice(record.Device{Endpoint: sub.Endpoint, Key: sub.Keys.P256dh, Auth: sub.Keys.Auth, Name: clean(sub.Name), Since: s.cfg.Clock.Now()})
		if sub.Zone != "" {
			n.Zone = sub.Zone
		}
		return nil
	})
	if err != nil {
		return Answer{}, err
	}
	return See("/account/notices?did=saved"), nil
}

func (s *Server) dropDevice(a *Ask) (Answer, error) {
	if a.Who.Kind() == account.Nobody {
		return Answer{}, errNobody
	}
	i, err := strconv.Atoi(a.Form("id"))
	if err != nil {
		return Answer{}, errs.E(errs.Invalid, "web: no such device")
	}
	err = s.cfg.Vault.SetNotices(a.Context(), a.Who, func(n *record.Notices) error {
		if i < 0 || i >= len(n.Devices) {
			return errs.E(errs.NotFound, "web: no such device")
		}
		n.Devices = slices.Delete(n.Devices, i, i+1)
		return nil
	})
	if err != nil {
		return Answer{}, err
	}
	return See("/account/notices?did=saved"), nil
}
