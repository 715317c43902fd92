package team

import (
	"slices"
	"strconv"
	"time"

	"rapport/record"
	"rapport/web"
	"rapport/web/parts"
)

// coversMost bounds for how many one person can stand in.
const coversMost = 20

// covers puts into words for whom somebody stands in.
func (v *memberView) covers(a *web.Ask, all []record.StaffMember) {
	names := map[string]string{}
	for _, m := range all {
		names[m.ID] = m.Name
		if m.ID != v.M.ID && !m.Left {
			v.Others = append(v.Others, m)
		}
	}
	v.Whom = a.Form("whom")
	for _, x := range v.M.For {
		if x.Until.After(a.Now) {
			last := a.Local(x.Until).AddDate(0, 0, -1)
			v.Covers = append(v.Covers, parts.RowView{ID: coverKey(x), Title: a.P.TeamCoverRow(names[x.Who], a.P.Full(a.Local(x.From)), a.P.Full(last))})
		}
	}
}

// coverKey names one of somebody's covers, whatever else was ended meanwhile.
func coverKey(x record.Cover) string {
	return x.Who + "/" + strconv.FormatInt(x.From.Unix(), 36) + "/" + strconv.FormatInt(x.Until.Unix(), 36)
}

func (v memberView) coverOptions() []parts.Option {
	out := []parts.Option{{}}
	for _, m := range v.Others {
		out = append(out, parts.Option{Value: m.ID, Text: m.Name, Small: m.Title, Chosen: m.ID == v.Whom})
	}
	return out
}

// cover has somebody stand in for a colleague, or ends it.
func cover(a *web.Ask, p *record.Practice) (web.Answer, error) {
	v, err := member(a, p)
	if err != nil {
		return web.Answer{}, err
	}
	m := v.M
	if end := a.Form("end"); end != "" {
		m.For = slices.DeleteFunc(slices.Clone(m.For), func(x record.Cover) bool { return coverKey(x) == end })
		if len(m.For) == len(v.M.For) { // it was ended already
			return web.See(v.action()), nil
		}
		return v.kept(p.SetStaff(a.Context(), m), "saved")
	}
	v.From, v.Until = a.Form("from"), a.Form("until")
	zone := a.Now.Location()
	from, err := time.ParseInLocation(time.DateOnly, v.From, zone)
	until, err2 := time.ParseInLocation(time.DateOnly, v.Until, zone)
	known := slices.ContainsFunc(v.Others, func(o record.StaffMember) bool { return o.ID == a.Form("whom") })
	m.For = slices.DeleteFunc(slices.Clone(m.For), func(x record.Cover) bool { return !x.Until.After(a.Now) })
	if until = until.AddDate(0, 0, 1); err != nil || err2 != nil || !known || !until.After(from) || !until.After(a.Now) || len(m.For) >= coversMost {
		v.Wrong["whom"] = a.P.TeamCoverBad()
		return web.Wrong(memberPage(v)), nil
	}
	m.For = append(m.For, record.Cover{Who: a.Form("whom"), From: from, Until: until})
	return v.kept(p.SetStaff(a.Context(), m), "saved")
}
