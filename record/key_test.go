package record

import (
	"testing"

	"rapport/hours"
)

func TestAKeySaysYesToWhatItBookedAndToNothingElse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.opens()
	ctx := t.Context()
	ada := h.own(h.ada)
	_, err := ada.Book(ctx, "k", "", bp("clinician", at(9, 0)))
	do(t, err)
	other := bp("clinician", at(9, 0))
	other.Mode = hours.Phone
	for what, p := range map[string]Pick{
		"somebody else then":  bp("nurse", at(9, 0)),
		"another service":     {Service: "scan", Who: "clinician", From: at(9, 0), Mode: hours.InPerson},
		"another way to meet": other,
	} {
		_, err = ada.Book(ctx, "k", "", p)
		says(t, what, err, "visits.not_held")
	}
	_, err = ada.Book(ctx, "k", "", bp("clinician", at(9, 0)), bp("nurse", at(9, 0)))
	says(t, "one more", err, "visits.not_held")
	if len(h.taken("nurse")) != 0 || len(h.taken("clinician")) != 1 {
		t.Error("something else is booked")
	}
	_, err = ada.Book(ctx, "k", "", bp("clinician", at(9, 0)))
	do(t, err)
}
