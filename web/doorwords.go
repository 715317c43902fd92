package web

import (
	"rapport/account"
	"rapport/web/parts"
)

// problem is what is wrong, at the top of a door page.
func problem(v doorView) parts.FlashView {
	if v.Problem == "" {
		return parts.FlashView{}
	}
	return parts.FlashView{Tone: parts.ToneDanger, Text: v.Problem}
}

// linkTitle says what a link does.
func linkTitle(v doorView) string {
	switch v.Seen.For {
	case account.ToEnrol:
		return v.P.DoorEnrolTitle()
	case account.ToJoin:
		return v.P.DoorJoinTitle()
	case account.ToHelp:
		return v.P.DoorHelpTitle()
	case account.ToGetBack:
		return v.P.DoorBackTitle()
	case account.ToAddMail:
		return v.P.DoorAddmailTitle()
	}
	return v.P.DoorWelcome()
}

func linkText(v doorView) string {
	switch {
	case v.Seen.Demo:
		return v.P.DoorDemoText()
	case v.Seen.For == account.ToEnrol:
		return v.P.DoorEnrolText()
	case v.Seen.For == account.ToJoin:
		return v.P.DoorJoinGo()
	case v.Seen.For == account.ToHelp:
		return v.P.DoorHelpText()
	case v.Seen.For == account.ToAddMail:
		return v.P.DoorAddmailText()
	}
	return v.P.DoorLinkText()
}
