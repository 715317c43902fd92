package post

import "rapport/lang"

// wording is one letter's texts: what stands before the link, the line that
// leads to it, and what stands after it.
type wording struct {
	subject, text, open, after string
	needsLink                  bool
}

// wordings returns every letter in one language. A kind that is missing here
// cannot be sent.
func wordings(p lang.Printer) map[Kind]wording {
	return map[Kind]wording{
		SignIn:           {p.LetterSignin(), p.LetterSigninText(), p.LetterSigninOpen(), p.LetterUnasked(), true},
		NoAccount:        {p.LetterNoaccount(), p.LetterNoaccountText(), p.LetterNoaccountOpen(), p.LetterUnasked(), false},
		Invite:           {p.LetterInvite(), p.LetterInviteText(), p.LetterInviteOpen(), p.LetterInviteAfter(), true},
		Joining:          {p.LetterJoining(), p.LetterJoiningText(), p.LetterJoiningOpen(), p.LetterUnasked(), true},
		RecoveryBegun:    {p.LetterBegun(), p.LetterBegunText(), p.LetterBegunOpen(), "", true},
		RecoveryReady:    {p.LetterReady(), p.LetterReadyText(), p.LetterReadyOpen(), p.LetterReadyAfter(), false},
		RecoveryDone:     {p.LetterDone(), p.LetterDoneText(), p.LetterLook(), p.LetterNotyou(), false},
		KeyAdded:         {p.LetterKeyadded(), p.LetterKeyaddedText(), p.LetterLook(), p.LetterNotyou(), false},
		KeyRemoved:       {p.LetterKeyremoved(), p.LetterKeyremovedText(), p.LetterLook(), p.LetterNotyou(), false},
		SharingChanged:   {p.LetterSharing(), p.LetterSharingText(), p.LetterLook(), p.LetterSharingAfter(), false},
		TierChanged:      {p.LetterTier(), p.LetterTierText(), p.LetterLook(), "", false},
		HelperInvite:     {p.LetterHelper(), p.LetterHelperText(), p.LetterHelperOpen(), p.LetterHelperAfter(), true},
		Welcome:          {p.LetterWelcome(), p.LetterWelcomeText(), p.LetterWelcomeOpen(), p.LetterInviteAfter(), false},
		OwnAccount:       {p.LetterOwn(), p.LetterOwnText(), p.LetterLook(), "", false},
		ColleagueReset:   {p.LetterReset(), p.LetterResetText(), p.LetterLook(), p.LetterResetAfter(), false},
		VisitBooked:      {p.LetterVisitBooked(), p.LetterVisitBookedText(), p.LetterVisitOpen(), p.LetterVisitAfter(), true},
		VisitMoved:       {p.LetterVisitMoved(), p.LetterVisitMovedText(), p.LetterVisitOpen(), p.LetterVisitAfter(), true},
		VisitCancelled:   {p.LetterVisitOff(), p.LetterVisitOffText(), p.LetterVisitOpen(), p.LetterVisitAfter(), true},
		VisitReminder:    {p.LetterVisitRemind(), p.LetterVisitRemindText(), p.LetterVisitRemindOpen(), p.LetterVisitAfter(), true},
		VisitEarlier:     {p.LetterVisitEarlier(), p.LetterVisitEarlierText(), p.LetterVisitEarlierOpen(), p.LetterVisitAfter(), true},
		VisitEarlierGone: {p.LetterVisitGone(), p.LetterVisitGoneText(), p.LetterVisitOpen(), p.LetterVisitAfter(), true},
		Forms:            {p.LetterForms(), p.LetterFormsText(), p.LetterFormsOpen(), p.LetterFormsAfter(), true},
		Message:          {p.LetterMessage(), p.LetterMessageText(), p.LetterMessageOpen(), "", true},
		MessageLate:      {p.LetterLater(), p.LetterLaterText(), p.LetterLaterOpen(), "", true},
		Steps:            {p.LetterSteps(), p.LetterStepsText(), p.LetterStepsOpen(), "", true},
		Digest:           {p.LetterDigest(), p.LetterDigestText(), p.LetterDigestOpen(), "", true},
		News:             {p.LetterNews(), p.LetterNewsText(), p.LetterMessageOpen(), "", true},
		WorkWaiting:      {p.LetterWaiting(), p.LetterWaitingText(), p.LetterWaitingOpen(), "", true},
		WorkYours:        {p.LetterYours(), p.LetterYoursText(), p.LetterWaitingOpen(), "", true},
		Glass:            {p.LetterGlass(), p.LetterGlassText(), p.LetterGlassOpen(), "", true},
		WorkWhy:          {p.LetterWhy(), p.LetterWhyText(), p.LetterWaitingOpen(), "", true},
		WorkReview:       {p.LetterReview(), p.LetterReviewText(), p.LetterWaitingOpen(), "", true},
		WorkClosed:       {p.LetterClosed(), p.LetterClosedText(), "", "", false},
		Answered:         {p.LetterTrust(), p.LetterTrustText(), p.LetterMessageOpen(), "", true},
		VisitLate:        {p.LetterVisitLate(), p.LetterVisitLateText(), p.LetterVisitOpen(), p.LetterVisitAfter(), true},
		Verify:           {p.LetterVerify(), p.LetterVerifyText(), p.LetterVerifyOpen(), p.LetterUnasked(), true},
	}
}
